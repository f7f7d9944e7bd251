import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanerFor } from '../src/terminal/clean-text.ts';
import { lineWidth } from '../src/terminal/line.ts';
import type { Line } from '../src/terminal/line.ts';
import { markdownLines } from '../src/terminal/markdown-lines.ts';
import { loadLexer, MarkdownStream } from '../src/terminal/markdown-stream.ts';
import { loadWidths } from '../src/terminal/graphemes.ts';

await Promise.all([loadWidths(), loadLexer()]);

const cleaner = cleanerFor({ ANYFAST_API_KEY: 'sk-secret-0123456789' });

/** What a text that comes in pieces is printed as: every finished block, in order. */
function printed(pieces: readonly string[], width = 60): string[] {
  const stream = new MarkdownStream(cleaner);
  const lines: Line[] = [];
  for (const piece of pieces) {
    stream.push(piece);
    lines.push(...markdownLines(stream.blocks().finished, width));
  }
  lines.push(...markdownLines(stream.end(), width));
  return lines.map((line) =>
    line
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );
}

const text = [
  '# A title',
  'Some **bold**, *leaning* and `code` words, a [link](https://example.com) and <https://example.org>.',
  '1. one\n2. two\n   - inner\n3. three',
  '- [x] done\n- [ ] open',
  '```ts\nconst a = 1;\n\nconst b = 2;\n```',
  '> said\n> before',
  '| a | b |\n|---|---|\n| 1 | long cell |',
  'The end\nin two lines.',
].join('\n\n');

describe('Markdown in the terminal', () => {
  it('shows each kind of block', () => {
    expect(printed([text]).join('\n')).toBe(
      [
        'A title',
        '',
        'Some bold, leaning and code words, a link',
        '(https://example.com) and https://example.org.',
        '',
        '1. one',
        '2. two',
        '   • inner',
        '3. three',
        '',
        '☑ done',
        '☐ open',
        '',
        '  const a = 1;',
        '',
        '  const b = 2;',
        '',
        '│ said',
        '│ before',
        '',
        'a │ b',
        '──┼──────────',
        '1 │ long cell',
        '',
        'The end',
        'in two lines.',
        '',
      ].join('\n'),
    );
  });

  it('says the same however the pieces are cut', () => {
    const whole = printed([text]).filter((line) => line !== '');
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
        const at = [...new Set([0, ...cuts, text.length])].sort((a, b) => a - b);
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
        expect(printed(pieces).filter((line) => line !== '')).toEqual(whole);
      }),
    );
  });

  it('reads again only from the open block on', () => {
    const stream = new MarkdownStream(cleaner);
    let read = 0;
    const counted = new MarkdownStream({
      held: () => 0,
      clean: (source) => {
        read = Math.max(read, source.length);
        return source;
      },
    });
    for (let at = 0; at < 500; at++) {
      for (const one of [stream, counted]) {
        one.push(`Paragraph ${at} of some length.\n\n`);
        one.blocks();
      }
    }
    expect(read).toBeLessThan(200);
  });

  it('keeps every line within the width, wide letters and long words too', () => {
    const words = fc.constantFrom(
      'word',
      '日本語',
      '👩‍👩‍👧',
      'x'.repeat(30),
      '`code`',
      '**b**',
      '\n',
      '\n\n',
      '- ',
      '> ',
      '| a | b |\n|--|--|\n',
      '```\n',
      '# ',
    );
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 25 }),
        fc.integer({ min: 8, max: 40 }),
        (parts, width) => {
          const stream = new MarkdownStream(cleaner);
          stream.push(parts.join(' '));
          const lines = markdownLines(stream.end(), width);
          for (const line of lines) {
            expect(lineWidth(line)).toBeLessThanOrEqual(width);
          }
        },
      ),
    );
  });
});
