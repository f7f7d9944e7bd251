import type { Usage } from '@throughline/core';

/** US dollars for one million tokens. */
export interface Prices {
  readonly inputUsd: number;
  /** Input tokens that came from the endpoint's cache. */
  readonly cachedUsd: number;
  /** Reasoning is billed as output. */
  readonly outputUsd: number;
}

/** A price list with its date and source, so that its age can be seen. */
export interface PriceList {
  readonly asOf: string;
  readonly source: string;
  readonly models: Readonly<Record<string, Prices>>;
}

/**
 * Moonshot's list prices. Anyfast does not publish its own price for these models: a cost counted from this
 * table is what Moonshot would ask, not what Anyfast will bill. Pass `prices` to `anyfast()` to count with yours.
 */
export const priceList: PriceList = {
  asOf: '2026-08-13',
  source: 'https://platform.kimi.ai/docs/pricing/chat-k26',
  models: {
    'kimi-k2.6': { inputUsd: 0.95, cachedUsd: 0.16, outputUsd: 4 },
  },
};

/** What the tokens of a usage cost in US dollars. */
export function costUsd(usage: Omit<Usage, 'costUsd'>, prices: Prices): number {
  const fresh = Math.max(0, usage.inputTokens - usage.cachedTokens);
  const sum =
    fresh * prices.inputUsd +
    usage.cachedTokens * prices.cachedUsd +
    usage.outputTokens * prices.outputUsd;
  return sum / 1_000_000;
}
