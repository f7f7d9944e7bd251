import type { Entry } from '../src/contender.ts';
import { entries } from '../src/contender.ts';
import type { Runner } from '../src/field.ts';
import type { Figures } from '../src/agents.ts';
import type { Taken } from '../src/round.ts';
import type { SampleName } from '../src/sample-name.ts';

const node = { path: 'node', version: '24.1.0' };

export function runnerNamed(name: string): Runner {
  const entry = entries.find((entry) => entry.name === name) as Entry;
  return { label: name, entry, node };
}

export const byHand = runnerNamed('by hand');
export const throughline = runnerNamed('Throughline');
export const field = [byHand, throughline];

/** One sample for each of the figures, a round each. */
export function taken(runner: Runner, measure: SampleName, all: readonly Figures[]): Taken[] {
  return all.map((figures, round) => ({ runner, measure, round, result: { figures } }));
}
