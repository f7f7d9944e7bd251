import { callsMade } from '../calls-made.ts';
import { named } from '../scorer.ts';
import type { EventScorer } from '../scorer.ts';

/** The share of these tools, from the first on, that ran in this order. Other calls may stand between them. */
export function callOrder(...names: readonly string[]): EventScorer {
  return named(`callOrder(${names.join(', ')})`, ({ events }) => {
    const called = callsMade(events).map(({ name }) => name);
    let found = 0;
    for (const name of called) if (name === names[found]) found++;
    const score = names.length === 0 ? 1 : found / names.length;
    return { score, metadata: { called } };
  });
}
