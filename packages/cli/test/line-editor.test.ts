import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyDecoder } from '../src/terminal/key-decoder.ts';
import { LineEditor } from '../src/terminal/line-editor.ts';
import { loadWidths } from '../src/terminal/graphemes.ts';

await loadWidths();

function typed(keys: string, history: readonly string[] = []): LineEditor {
  const editor = new LineEditor(history);
  const decoder = new KeyDecoder((key) => void editor.handle(key));
  decoder.write(keys);
  decoder.flush();
  return editor;
}

const [up, down, left] = ['\u001b[A', '\u001b[B', '\u001b[D'];

describe('the line editor', () => {
  it('moves and removes by characters as a person sees them', () => {
    expect(typed(`a👩‍👩‍👧b${left}${left}\u007f`).value).toBe('👩‍👩‍👧b');
    expect(typed(`a👩‍👩‍👧b${left}\u007f`).value).toBe('ab');
    expect(typed('e\u0301x\u007f\u007f').value).toBe('');
  });

  it('moves and removes by words and lines', () => {
    expect(typed('one two three\u0017\u0017').value).toBe('one ');
    expect(typed('one two\u001bb\u000b').value).toBe('one ');
    expect(typed('first\u000asecond\u0015x').value).toBe('first\nx');
    expect(typed('b\u0001a\u0005c').value).toBe('abc');
  });

  it('goes up and down between lines, and keeps the column', () => {
    expect(typed(`long line\u000aab${up}X`).value).toBe('loXng line\nab');
    expect(typed(`ab\u000along line${up}X${down}Y`).value).toBe('abX\nlonYg line');
    expect(typed(`日本\u000aabc${up}X`).value).toBe('日X本\nabc');
  });

  it('recalls what was typed before, and gives the draft back', () => {
    const history = ['older', 'newer'];
    expect(typed(up, history).value).toBe('newer');
    expect(typed(`${up}${up}${up}`, history).value).toBe('older');
    expect(typed(`draft${up}${up}${down}${down}`, history).value).toBe('draft');
  });

  it('shows a long paste as a word, and gives it whole', () => {
    const lines = Array(20).fill('x $& y').join('\n');
    const editor = typed(`before \u001b[200~${lines}\u001b[201~ after`);
    expect(editor.view.lines).toEqual(['before [paste 1: 20 lines] after']);
    expect(editor.take()).toBe(`before ${lines} after`);
    expect(editor.isEmpty).toBe(true);
  });

  it('makes what is typed or pasted visible', () => {
    expect(typed('\u001b[200~a\u001b[31mb\u001b[201~').value).toBe('a␛[31mb');
  });

  it('begins a new line behind a backslash', () => {
    const editor = typed('one\\');
    expect(editor.continueLine()).toBe(true);
    expect(editor.value).toBe('one\n');
    expect(typed('one').continueLine()).toBe(false);
  });

  it('keeps its cursor between two characters, whatever is pressed', () => {
    const keys = fc.constantFrom(
      'a',
      '日',
      '👩‍👩‍👧',
      ' ',
      '\u000a',
      up,
      down,
      left,
      '\u001b[C',
      '\u007f',
      '\u0017',
      '\u0001',
      '\u0005',
      '\u000b',
      '\u001bb',
      '\u001bf',
    );
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 40 }), (pressed) => {
        const editor = typed(pressed.join(''));
        const { lines, row, before } = editor.view;
        expect(lines[row]?.startsWith(before)).toBe(true);
        expect(lines.join('\n')).toBe(editor.value);
      }),
    );
  });
});
