import type { Usage } from '@throughline/core';
import { costUsd } from '../options/pricing.ts';
import type { Prices } from '../options/pricing.ts';
import { countOf, isObject } from '../wire/json.ts';

/**
 * Reads a usage object as hosts write it. Cached tokens stand in two places on Moonshot (the top-level one
 * is the surer) and in a third on SiliconFlow. Undefined when it counts nothing.
 */
export function readUsage(value: unknown, prices: Prices | undefined): Usage | undefined {
  if (!isObject(value)) return undefined;
  const input = countOf(value['prompt_tokens']);
  const output = countOf(value['completion_tokens']);
  const total = countOf(value['total_tokens']);
  if (input === undefined && output === undefined && total === undefined) return undefined;
  const inputTokens = input ?? Math.max(0, (total ?? 0) - (output ?? 0));
  const outputTokens = output ?? Math.max(0, (total ?? 0) - inputTokens);
  const cached =
    countOf(value['cached_tokens']) ??
    detail(value['prompt_tokens_details'], 'cached_tokens') ??
    countOf(value['prompt_cache_hit_tokens']);
  const reasoning = detail(value['completion_tokens_details'], 'reasoning_tokens');
  const usage: { -readonly [Key in keyof Usage]: Usage[Key] } = {
    inputTokens,
    cachedTokens: Math.min(cached ?? 0, inputTokens),
    outputTokens,
    reasoningTokens: Math.min(reasoning ?? 0, outputTokens),
  };
  if (prices !== undefined) usage.costUsd = costUsd(usage, prices);
  return usage;
}

function detail(value: unknown, key: string): number | undefined {
  return isObject(value) ? countOf(value[key]) : undefined;
}
