import { baseOf } from './field.ts';
import type { Runner } from './field.ts';
import { figures, isMet } from './figure.ts';
import type { Figure } from './figure.ts';
import { median } from './agents.ts';
import type { Plan, Taken } from './round.ts';

/** What one runner reached in one figure. */
export interface Row {
  readonly figure: Figure;
  readonly runner: Runner;
  readonly outcome: Outcome;
}

export type Outcome =
  | { readonly kind: 'failed'; readonly words: string }
  | {
      readonly kind: 'measured';
      readonly median: number;
      readonly min: number;
      readonly max: number;
      /** To the loop written by hand; above 1 is worse, whatever the figure. */
      readonly ratio?: number;
      /** Absent where nothing is promised. */
      readonly met?: boolean;
    };

/** Every figure of every runner, over all rounds. */
export function foldAll(taken: readonly Taken[], field: Plan['field']): readonly Row[] {
  return figures.flatMap((figure) =>
    field.flatMap((runner) => {
      const outcome = fold(taken, { figure, runner, base: baseOf(runner, field) });
      return outcome === undefined ? [] : [{ figure, runner, outcome }];
    }),
  );
}

interface Of {
  readonly figure: Figure;
  readonly runner: Runner;
  readonly base: Runner | undefined;
}

function fold(taken: readonly Taken[], { figure, runner, base }: Of): Outcome | undefined {
  const tried = taken.filter((one) => one.runner === runner && one.measure === figure.measure);
  const failed = tried.map(({ result }) => result).find((result) => 'failed' in result);
  if (failed !== undefined) return { kind: 'failed', words: failed.failed };
  const values = valuesOf(tried, figure.key);
  if (values.length === 0) return undefined;
  const measured = { median: median(values), min: Math.min(...values), max: Math.max(...values) };
  const ratio = figure.by === 'ratio' ? ratioOf(values, { taken, figure, base }) : undefined;
  const judged = figure.by === 'ratio' ? ratio : measured.median;
  const { target } = figure;
  const held = target !== undefined && judged !== undefined && runner.entry.name === figure.judged;
  return {
    kind: 'measured',
    ...measured,
    ...(ratio === undefined ? {} : { ratio }),
    ...(held ? { met: isMet(target, judged) } : {}),
  };
}

/** The better half of the rounds of one, by that of the other: what disturbs a sample nearly always makes it worse. */
function ratioOf(
  values: readonly number[],
  { taken, figure, base }: Pick<Of, 'figure' | 'base'> & { readonly taken: readonly Taken[] },
): number | undefined {
  const tried = taken.filter((one) => one.runner === base && one.measure === figure.measure);
  const bases = valuesOf(tried, figure.key);
  if (bases.length === 0) return undefined;
  const [own, other] = [betterHalf(values, figure), betterHalf(bases, figure)];
  return figure.better === 'less' ? own / other : other / own;
}

/** The mean of the better half. A single best value may be a stroke of luck. */
function betterHalf(values: readonly number[], { better }: Figure): number {
  const sorted = values.toSorted((a, b) => (better === 'less' ? a - b : b - a));
  const half = sorted.slice(0, Math.ceil(sorted.length / 2));
  return half.reduce((sum, value) => sum + value, 0) / half.length;
}

function valuesOf(taken: readonly Taken[], key: string): readonly number[] {
  return taken.flatMap(({ result }) => {
    const value = 'figures' in result ? result.figures[key] : undefined;
    return value === undefined ? [] : [value];
  });
}
