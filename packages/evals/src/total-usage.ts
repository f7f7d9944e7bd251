import type { RunEvent, Usage } from '@throughline/core';

/** What all runs have used together; undefined where there was none. A cost that is not known of one is not known of all. */
export function totalUsage(events: readonly RunEvent[]): Usage | undefined {
  const usages = events.flatMap((event) => (event.type === 'run.end' ? [event.usage] : []));
  return sumOf(usages);
}

/** The same of usages. */
export function sumOf(usages: readonly Usage[]): Usage | undefined {
  return usages.length === 0 ? undefined : usages.reduce(both);
}

function both(one: Usage, other: Usage): Usage {
  const costs = one.costUsd !== undefined && other.costUsd !== undefined;
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
    ...(costs ? { costUsd: (one.costUsd ?? 0) + (other.costUsd ?? 0) } : {}),
    ...(one.estimated || other.estimated ? { estimated: true } : {}),
  };
}
