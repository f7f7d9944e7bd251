import type { Asking } from './retry.ts';

/**
 * Runs `attempt` (given its number, from 1) until it succeeds, fails for good, or the policy ends. Nearly every first
 * attempt succeeds; only for the others is loaded what asks again, see `askAgain`.
 */
export async function withRetry<T>(
  asking: Omit<Asking, 'startedAt'>,
  attempt: (attempt: number) => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  asking.signal.throwIfAborted();
  try {
    return await attempt(1);
  } catch (failure) {
    asking.signal.throwIfAborted();
    const { askAgain } = await import('./retry.ts');
    return askAgain(failure, { ...asking, startedAt }, attempt);
  }
}
