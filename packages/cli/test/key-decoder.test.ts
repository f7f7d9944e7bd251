import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyDecoder } from '../src/terminal/key-decoder.ts';
import type { Key } from '../src/terminal/key-decoder.ts';

/** The keys of what a terminal sends, in so many pieces, as short words. */
function keysOf(...pieces: readonly string[]): string[] {
  const keys: string[] = [];
  const decoder = new KeyDecoder((key) => keys.push(wordOf(key)));
  for (const piece of pieces) decoder.write(piece);
  decoder.flush();
  return keys;
}

function wordOf({ name, text, ctrl, alt, shift }: Key): string {
  const held = [ctrl && 'ctrl', alt && 'alt', shift && 'shift'].filter(Boolean);
  return [...held, text === '' ? name : `${name}:${text}`].join('+');
}

describe('the key decoder', () => {
  it('tells text from keys', () => {
    expect(keysOf('héllo 👋\r\u007f\t')).toEqual(['text:héllo 👋', 'enter', 'backspace', 'tab']);
    expect(keysOf('\u0003\u0004\u000a\u0014')).toEqual(['ctrl+c', 'ctrl+d', 'ctrl+j', 'ctrl+t']);
  });

  it('reads the arrows and their kind, with what is held', () => {
    expect(
      keysOf('\u001b[A\u001bOB\u001b[1;5C\u001b[1;3D\u001b[H\u001b[4~\u001b[3~\u001b[Z'),
    ).toEqual(['up', 'down', 'ctrl+right', 'alt+left', 'home', 'end', 'delete', 'shift+tab']);
  });

  it('reads the kitty protocol and that of xterm', () => {
    expect(keysOf('\u001b[13;2u\u001b[27u\u001b[99;5u\u001b[27;2;13~')).toEqual([
      'shift+enter',
      'escape',
      'ctrl+c',
      'shift+enter',
    ]);
  });

  it('takes a lone Esc for a key once nothing more comes, and Esc with a letter for Alt', () => {
    expect(keysOf('\u001b')).toEqual(['escape']);
    expect(keysOf('\u001bb\u001b\r')).toEqual(['alt+b', 'alt+enter']);
    expect(keysOf('\u001b\u001b[A')).toEqual(['escape', 'up']);
  });

  it('takes a paste as one text, control characters, Esc and all, with its line ends made plain', () => {
    expect(keysOf('\u001b[200~a\r\nb\u001b[Ac\u001b[201~d')).toEqual([
      'paste:a\nb\u001b[Ac',
      'text:d',
    ]);
  });

  it('drops what it does not know, and answers of the terminal', () => {
    expect(keysOf('\u001b[?62;c\u001b]11;rgb:0/0/0\u0007\u001b[5;9Rx')).toEqual(['text:x']);
  });

  it('reads the same however the pieces are cut, except for an Esc that ends all', () => {
    const sent = 'a\u001b[1;5Cé\r\u001b[200~p\r\u001b[20x\u001b[201~\u001b[13;2ub\u001bbz';
    const whole = keysOf(sent);
    fc.assert(
      fc.property(fc.array(fc.nat(sent.length), { maxLength: 8 }), (cuts) => {
        const at = [...new Set([0, ...cuts, sent.length])].sort((a, b) => a - b);
        const pieces = at.slice(1).map((end, index) => sent.slice(at[index], end));
        expect(keysOf(...pieces)).toEqual(whole);
      }),
    );
  });

  it('never throws, whatever comes', () => {
    const parts = fc.constantFrom(
      '\u001b',
      '[',
      'O',
      ']',
      '200~',
      '201~',
      '1;5',
      'u',
      '~',
      'a',
      '\r',
      '9999999999',
    );
    fc.assert(fc.property(fc.array(parts, { maxLength: 30 }), (pieces) => void keysOf(...pieces)));
  });
});
