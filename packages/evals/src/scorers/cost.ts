import { named } from '../scorer.ts';
import type { EventScorer } from '../scorer.ts';
import { totalUsage } from '../total-usage.ts';
import { checkLimit } from './limit.ts';

/** 1 where the runs cost so much at most; at twice the cost, 0.5. Throws where no price is known: that is not 0. */
export function cost({ mostUsd }: { readonly mostUsd: number }): EventScorer {
  checkLimit('cost', 'mostUsd', mostUsd);
  return named(`cost(≤ $${mostUsd})`, ({ events }) => {
    const costUsd = totalUsage(events)?.costUsd;
    if (costUsd === undefined) {
      throw new Error('The cost is not known: no run was watched, or its model has no prices.');
    }
    return { score: costUsd <= mostUsd ? 1 : mostUsd / costUsd, metadata: { costUsd } };
  });
}
