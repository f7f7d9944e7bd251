import { complaintOf } from './complaint.ts';
import type { Runner } from './field.ts';
import { isOurs } from './contender.ts';
import { onlyOurs } from './sample-name.ts';
import type { SampleName } from './sample-name.ts';
import type { Figures } from './agents.ts';
import { startServer, take } from './sample.ts';

/** A sample that was tried, of the round it belongs to. */
export interface Taken {
  readonly runner: Runner;
  readonly measure: SampleName;
  readonly round: number;
  readonly result: { readonly figures: Figures } | { readonly failed: string };
}

/** What is to be sampled. */
export interface Plan {
  readonly field: readonly Runner[];
  readonly measures: readonly SampleName[];
  readonly rounds: number;
}

export type Turn = Pick<Taken, 'runner' | 'measure' | 'round'>;

/**
 * The order of the samples. In a round every runner has its turn in each measure, right after the others, so that
 * what slows the machine down slows them all; each round another one begins.
 */
export function turnsOf({ field, measures, rounds }: Plan): readonly Turn[] {
  return Array.from({ length: rounds }, (_, round) =>
    measures.flatMap((measure) => {
      const able = field.filter(
        ({ only, entry }) =>
          (only === undefined || only.includes(measure)) &&
          (!onlyOurs.includes(measure) || isOurs(entry)),
      );
      const first = round % Math.max(1, able.length);
      return [...able.slice(first), ...able.slice(0, first)].map((runner) => ({
        runner,
        measure,
        round,
      }));
    }),
  ).flat();
}

/** Takes the samples one by one. Who has failed in a measure is not asked for it again. */
export async function takeAll(
  turns: readonly Turn[],
  onTurn: (turn: Turn, at: number) => void,
): Promise<readonly Taken[]> {
  const taken: Taken[] = [];
  const server = await startServer();
  try {
    for (const [at, turn] of turns.entries()) {
      onTurn(turn, at);
      const { runner, measure } = turn;
      const failed = taken.some(
        (one) => one.runner === runner && one.measure === measure && 'failed' in one.result,
      );
      if (!failed) taken.push({ ...turn, result: await tryTo(turn, server.url) });
    }
  } finally {
    server.close();
  }
  return taken;
}

async function tryTo({ runner, measure }: Turn, serverURL: string): Promise<Taken['result']> {
  const { entry, node } = runner;
  try {
    return { figures: await take({ entry, measure, serverURL, node: node.path }) };
  } catch (error) {
    return { failed: complaintOf(error) };
  }
}
