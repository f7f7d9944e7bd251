/* eslint-disable no-control-regex -- they are what must not come */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visibleJson, visibleLine, visibleText } from '../src/terminal/visible-text.ts';

const acts = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b\ufeff]/;
const nasty = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCodePoint(code)),
    fc.constantFrom('\u202e', '\u2066', '\u200b', '\ufeff', '\u{e0041}', '\ud800', '日', '👋'),
  ),
});

describe('visible text', () => {
  it('holds nothing that a terminal acts on, and stays as it is the second time', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const visible = visibleText(text);
        expect(visible).not.toMatch(acts);
        expect(visibleText(visible)).toBe(visible);
        expect(visibleLine(text)).not.toContain('\n');
      }),
    );
  });

  it('leaves ordinary text as it is, emoji and all, and makes line ends plain', () => {
    expect(visibleText('Grüße 👩‍👩‍👧\ta\r\nb\rc')).toBe('Grüße 👩‍👩‍👧\ta\nb\nc');
    expect(visibleText('\u001b[31m')).toBe('␛[31m');
  });

  it('stands for the same value as JSON', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const json = visibleJson(JSON.stringify({ text }));
        expect(json).not.toMatch(acts);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });
});
