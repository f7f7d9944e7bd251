import { bare } from './field.ts';
import { lengths } from './measure.ts';
import type { SampleName } from './sample-name.ts';

export type Target = { readonly atMost: number } | { readonly atLeast: number };

/** A number that a sample yields, and what it is held to. */
export interface Figure {
  readonly key: string;
  readonly measure: SampleName;
  readonly label: string;
  readonly unit: string;
  /** Compared with the loop written by hand, or standing for itself. */
  readonly by: 'ratio' | 'value';
  readonly better: 'less' | 'more';
  readonly target?: Target;
  /** The contender that is held to the target. */
  readonly judged: string;
}

/** No dearer than the loop written by hand. */
const asByHand: Target = { atMost: 1 };
const ways = { none: 'not recorded', files: 'in files', sqlite: 'in SQLite' };

export const figures: readonly Figure[] = [
  figure('step.cpuMs', 'CPU per step', 'ms', { target: asByHand }),
  figure('step.wallMs', 'time per step', 'ms'),
  figure('step.reasoning', 'messages that kept their reasoning, of 49', '', {
    by: 'value',
    better: 'more',
    target: { atLeast: 49 },
  }),
  figure('stream.perCpuSecond', 'deltas per second of CPU', '', {
    better: 'more',
    target: { atMost: 1.3 },
  }),
  figure('stream.peakMB', 'peak memory', 'MB'),
  figure('shown.perCpuSecond', 'deltas per second of CPU', '', { better: 'more' }),
  figure('shown.peakMB', 'peak memory', 'MB'),
  ...lengths.map((steps) =>
    figure(
      `growth.cpuMs${steps}`,
      `CPU per step in a run of ${steps}`,
      'ms',
      steps === 400 ? { target: { atMost: 1 } } : {},
    ),
  ),
  figure('growth.exponent', 'exponent of the growth', '', {
    by: 'value',
  }),
  figure('gap.ms', 'gap between answer and request', 'ms', { target: asByHand }),
  figure('parallel.cpuMs', 'CPU per step', 'ms'),
  figure('parallel.wallMs', 'time per step', 'ms'),
  figure('early.leadMs', 'first call before the answer’s end', 'ms', {
    by: 'value',
    better: 'more',
    target: { atLeast: 900 },
  }),
  figure('crowd.wallMs', 'time for all', 'ms', { target: asByHand }),
  figure('crowd.cpuMs', 'CPU for all', 'ms', { target: asByHand }),
  figure('crowd.peakMB', 'peak memory', 'MB'),
  figure('crowd.lagMs', '99th percentile of the event loop’s lag', 'ms', { target: asByHand }),
  figure('live.kB', 'memory of a live run', 'KB', { target: { atMost: 1.5 } }),
  figure('waiting.kB', 'memory of a waiting run', 'KB', { by: 'value', target: { atMost: 64 } }),
  ...(['none', 'files', 'sqlite'] as const).flatMap((way) => [
    figure(`recorded.${way}CpuMs`, `CPU per step, ${ways[way]}`, 'ms', { by: 'value' }),
    figure(`recorded.${way}WallMs`, `time per step, ${ways[way]}`, 'ms', { by: 'value' }),
  ]),
  figure('load.ms', 'time to import', 'ms', {
    by: 'value',
    target: { atMost: 30 },
    judged: bare.name,
  }),
];

function figure(key: string, label: string, unit: string, more: Partial<Figure> = {}): Figure {
  const measure = key.slice(0, key.indexOf('.')) as SampleName;
  return { key, measure, label, unit, by: 'ratio', better: 'less', judged: 'Throughline', ...more };
}

export function isMet(target: Target, value: number): boolean {
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}

export function wordsOf(target: Target): string {
  return 'atMost' in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
}
