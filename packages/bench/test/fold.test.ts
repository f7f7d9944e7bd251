import { describe, expect, it } from 'vitest';
import { foldAll } from '../src/fold.ts';
import type { Row } from '../src/fold.ts';
import type { Taken } from '../src/round.ts';
import { byHand, field, runnerNamed, taken, throughline } from './sample.ts';

const outcomeOf = (rows: readonly Row[], runner: string, key: string) =>
  rows.find((row) => row.runner.label === runner && row.figure.key === key)?.outcome;

describe('folding samples', () => {
  it('gives the median and the range of all rounds', () => {
    const rows = foldAll(
      taken(byHand, 'gap', [{ 'gap.ms': 3 }, { 'gap.ms': 1 }, { 'gap.ms': 8 }]),
      field,
    );
    expect(outcomeOf(rows, 'by hand', 'gap.ms')).toMatchObject({
      median: 3,
      min: 1,
      max: 8,
      ratio: 1,
    });
  });

  it('compares the better halves of both, so that neither a disturbed nor a lucky round says much', () => {
    const gaps = (...values: number[]) => values.map((ms) => ({ 'gap.ms': ms }));
    const rows = foldAll(
      [
        ...taken(byHand, 'gap', gaps(1, 10, 1.2, 30)),
        ...taken(throughline, 'gap', gaps(9, 0.5, 12, 1.48)),
      ],
      field,
    );
    const outcome = outcomeOf(rows, 'Throughline', 'gap.ms');
    expect(outcome).toMatchObject({ median: 5.24, met: true });
    expect(outcome).toHaveProperty('ratio', expect.closeTo(0.9, 6));
  });

  it('turns a ratio over where more is better', () => {
    const rows = foldAll(
      [
        ...taken(byHand, 'stream', [{ 'stream.perCpuSecond': 300, 'stream.peakMB': 100 }]),
        ...taken(throughline, 'stream', [{ 'stream.perCpuSecond': 150, 'stream.peakMB': 120 }]),
      ],
      field,
    );
    const told = outcomeOf(rows, 'Throughline', 'stream.perCpuSecond');
    expect(told).toMatchObject({ ratio: 2, met: false });
    expect(outcomeOf(rows, 'Throughline', 'stream.peakMB')).toMatchObject({ ratio: 1.2 });
  });

  it('holds to a target only whom it was set for', () => {
    const figures = [{ 'step.cpuMs': 1, 'step.wallMs': 1, 'step.reasoning': 0 }];
    const xsai = runnerNamed('xsai');
    const rows = foldAll(
      [byHand, throughline, xsai].flatMap((runner) => taken(runner, 'step', figures)),
      [...field, xsai],
    );
    expect(outcomeOf(rows, 'Throughline', 'step.reasoning')).toMatchObject({ met: false });
    expect(outcomeOf(rows, 'xsai', 'step.reasoning')).not.toHaveProperty('met');
    expect(outcomeOf(rows, 'by hand', 'step.cpuMs')).not.toHaveProperty('met');
    expect(outcomeOf(rows, 'Throughline', 'step.reasoning')).not.toHaveProperty('ratio');
  });

  it('compares with nobody where the loop written by hand has failed', () => {
    const failed: Taken = {
      runner: byHand,
      measure: 'gap',
      round: 0,
      result: { failed: 'Error: no' },
    };
    const rows = foldAll([failed, ...taken(throughline, 'gap', [{ 'gap.ms': 2 }])], field);
    expect(outcomeOf(rows, 'by hand', 'gap.ms')).toEqual({ kind: 'failed', words: 'Error: no' });
    expect(outcomeOf(rows, 'Throughline', 'gap.ms')).toEqual({
      kind: 'measured',
      median: 2,
      min: 2,
      max: 2,
    });
  });

  it('says nothing of what was not measured', () => {
    expect(foldAll([], field)).toEqual([]);
  });
});
