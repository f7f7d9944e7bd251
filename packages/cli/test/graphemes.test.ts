import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

// A copy of its own: another file may have loaded the widths in this process.
vi.resetModules();
const { graphemes, isPlain, loadWidths, widthOf } = await import('../src/terminal/graphemes.ts');

const every = [...Array(0x1_00_00).keys()].map((code) => String.fromCharCode(code));
const plain = every.filter(isPlain);
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

describe('the width of text', () => {
  it('is known at once of plain characters, each of which is one of its own in one column', () => {
    expect(plain.length).toBeGreaterThan(800);
    expect(plain.filter((character) => stringWidth(character) !== 1)).toEqual([]);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...plain), { maxLength: 50 }), (characters) => {
        const text = characters.join('');
        expect(stringWidth(text)).toBe(widthOf(text));
        expect(graphemes(text)).toEqual([...segmenter.segment(text)].map(({ segment }) => segment));
      }),
    );
  });

  it('is known of other text once what measures it is loaded', async () => {
    expect(() => widthOf('漢字')).toThrow('before loadWidths()');
    await loadWidths();
    expect(['漢字', 'é', '👩‍👩‍👧', '', 'a👍🏽b'].map(widthOf)).toEqual([4, 1, 2, 0, 4]);
    expect(graphemes('a👩‍👩‍👧é')).toEqual(['a', '👩‍👩‍👧', 'é']);
  });

  it('is that of each of its characters, however long the text and whatever it is made of', async () => {
    await loadWidths();
    const parts = [
      'a',
      '漢',
      'é',
      'e\u0301',
      '👩‍👩‍👧',
      '🇩🇪',
      '👍🏽',
      'ש',
      '\u200d',
      '\ud83d',
      'क्षि',
      ' ',
    ];
    const text = fc.array(fc.constantFrom(...parts), { minLength: 100, maxLength: 600 });
    fc.assert(
      fc.property(text, (characters) => {
        const all = characters.join('');
        expect(graphemes(all)).toEqual([...segmenter.segment(all)].map(({ segment }) => segment));
        expect(widthOf(all)).toBe(stringWidth(all));
      }),
      { numRuns: 20 },
    );
  });

  it('is found a piece at a time: a long line of wide letters held up the screen for a minute', async () => {
    await loadWidths();
    const segment = vi.spyOn(Intl.Segmenter.prototype, 'segment');
    onTestFinished(() => segment.mockRestore());
    expect(widthOf('漢字'.repeat(50_000))).toBe(200_000);
    expect(graphemes('👩‍👩‍👧'.repeat(10_000))).toHaveLength(10_000);
    // Segmenting takes a time that grows with the square.
    const lengths = segment.mock.calls.map(([text]) => text.length);
    expect(Math.max(...lengths)).toBeLessThan(1_000);
  });
});
