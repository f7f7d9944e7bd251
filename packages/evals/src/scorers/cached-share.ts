import { named } from '../scorer.ts';
import type { EventScorer } from '../scorer.ts';
import { totalUsage } from '../total-usage.ts';
import { checkLimit } from './limit.ts';

/** The share of input tokens that came from the endpoint's cache; with `least`, 1 from that share on. Throws where no token was counted. */
export function cachedShare({ least }: { readonly least?: number } = {}): EventScorer {
  if (least !== undefined) checkLimit('cachedShare', 'least', least);
  const name = least === undefined ? 'cachedShare' : `cachedShare(≥ ${least})`;
  return named(name, ({ events }) => {
    const usage = totalUsage(events);
    if (usage === undefined || usage.inputTokens === 0) {
      throw new Error('No token was counted: no run was watched, or it had no answer.');
    }
    const share = Math.min(1, usage.cachedTokens / usage.inputTokens);
    const score = least === undefined ? share : Math.min(1, share / least);
    return {
      score,
      metadata: { cachedTokens: usage.cachedTokens, inputTokens: usage.inputTokens },
    };
  });
}
