import { describe, expect, it } from 'vitest';
import { foldAll } from '../src/fold.ts';
import { sectionsOf, verdictsOf } from '../src/section.ts';
import type { Findings } from '../src/section.ts';
import { paintFor, toDigits, toMarkdown, toText } from '../src/table.ts';
import { byHand, field, taken, throughline } from './sample.ts';

const findings: Findings = {
  rows: foldAll(
    [
      ...taken(byHand, 'gap', [{ 'gap.ms': 0.5 }, { 'gap.ms': 0.7 }, { 'gap.ms': 0.6 }]),
      ...taken(throughline, 'gap', [{ 'gap.ms': 0.75 }, { 'gap.ms': 1.05 }, { 'gap.ms': 0.9 }]),
    ],
    field,
  ),
  installed: [
    {
      label: 'Throughline',
      value: { packages: 9, megabytes: 7.25, asked: [] },
      target: { atMost: 10 },
    },
    { label: 'AI SDK', value: { failed: '"ai" is not installed' } },
  ],
  bundles: [
    {
      label: 'Throughline without zod',
      value: { atOnceKB: 30, inRunKB: 40, laterKB: 8.5 },
      target: { atMost: 25 },
    },
    {
      label: 'Throughline with JSON Schema',
      value: { atOnceKB: 20, inRunKB: 30, laterKB: 8.5 },
      target: { atMost: 25 },
    },
    { label: 'AI SDK', value: { atOnceKB: 189, laterKB: 0.75 } },
    { label: 'pi', value: { failed: 'error: Could not resolve "pi"' } },
  ],
};
const [gap, installed, bundle] = sectionsOf(findings);
const plain = paintFor({});

describe('tables', () => {
  it('aligns its columns, whose names stand above them', () => {
    expect(toText(gap!.tables[0]!, plain).split('\n')).toEqual([
      '  gap between answer and request, ms   median         range   ratio   target',
      '    by hand                              0.60   0.50 – 0.70    1.00',
      '    Throughline                          0.90   0.75 – 1.05    1.50   ≤ 1 not met',
    ]);
  });

  it('says in its place what could not be found out', () => {
    const text = toText(installed!.tables[0]!, plain);
    expect(text).toContain('failed: "ai" is not installed');
    expect(text).toContain('≤ 10 met');
  });

  it('leaves empty what was not measured', () => {
    expect(toText(bundle!.tables[0]!, plain).split('\n')).toEqual([
      '  bundled, KB                      at once   in a run   only when needed   target',
      '    Throughline without zod             30         40               8.50   ≤ 25 not met',
      '    Throughline with JSON Schema        20         30               8.50   ≤ 25 met',
      '    AI SDK                             189                          0.75',
      '    pi                                                                     failed: error: Could not resolve "pi"',
    ]);
  });

  it('is Markdown in the same order', () => {
    expect(toMarkdown(gap!.tables[0]!).split('\n')).toEqual([
      '| gap between answer and request, ms | median | range | ratio | target |',
      '| --- | ---: | ---: | ---: | --- |',
      '| by hand | 0.60 | 0.50 – 0.70 | 1.00 |  |',
      '| Throughline | 0.90 | 0.75 – 1.05 | 1.50 | ≤ 1 not met |',
    ]);
  });

  it('has no colours but on a terminal', () => {
    expect(toText(gap!.tables[0]!, plain)).not.toContain('\u001b');
    expect(plain('red', 'words')).toBe('words');
  });

  it('writes three digits that matter', () => {
    const digits = [0.123, 1, 1.234, 12.34, 123.4, 298_283.6, -0.67].map(toDigits);
    expect(digits).toEqual(['0.12', '1', '1.23', '12.3', '123', '298,284', '-0.67']);
  });
});

describe('verdicts', () => {
  it('says plainly what is met and what is not', () => {
    expect(verdictsOf(findings)).toEqual([
      {
        met: false,
        words: 'gap, gap between answer and request: 1.50 times by hand, target ≤ 1 (Throughline)',
      },
      { met: true, words: 'Throughline: 9, target ≤ 10 packages' },
      { met: false, words: 'Throughline without zod: 30, target ≤ 25 KB at once' },
      { met: true, words: 'Throughline with JSON Schema: 20, target ≤ 25 KB at once' },
    ]);
  });

  it('holds what has failed for not met', () => {
    const result = { failed: 'Error: no' };
    const rows = foldAll([{ runner: throughline, measure: 'gap', round: 0, result }], field);
    const [verdict] = verdictsOf({ rows, installed: [], bundles: [] });
    expect(verdict).toMatchObject({ met: false, words: expect.stringContaining('failed') });
  });
});
