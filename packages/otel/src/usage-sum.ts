import type { Usage } from '@throughline/core';

/** What was used in all. It has no price: an agent inside may have another one. */
export function usageSum(sum: Usage | undefined, usage: Usage): Usage {
  return {
    inputTokens: usage.inputTokens + (sum?.inputTokens ?? 0),
    cachedTokens: usage.cachedTokens + (sum?.cachedTokens ?? 0),
    outputTokens: usage.outputTokens + (sum?.outputTokens ?? 0),
    reasoningTokens: usage.reasoningTokens + (sum?.reasoningTokens ?? 0),
    ...(usage.estimated || sum?.estimated ? { estimated: true } : {}),
  };
}
