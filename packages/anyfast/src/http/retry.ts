import { ModelError } from '@throughline/core';
import pRetry from 'p-retry';
import type { RetryPolicy } from '../options/options.ts';
import type { StopSignal } from '../wire/exchange.ts';

/** What the policy needs to know of the model and the caller. */
export interface Asking {
  readonly policy: RetryPolicy;
  readonly signal: StopSignal;
  /** When the first attempt began, as `performance.now()` counts. */
  readonly startedAt: number;
  /** Whether the model has answered before: then "no such model" may only mean that its channels are shut. */
  readonly hasWorked: () => boolean;
}

/** Shut channels take a while to open again. */
const slowFactor = 10;

/**
 * Goes on where the first attempt has failed: runs `attempt` (given its number) until it succeeds, fails for good, or
 * the policy ends. Rejects with the last attempt's error, or with the signal's reason at once on abort, also while waiting.
 */
export async function askAgain<T>(
  failure: unknown,
  asking: Asking,
  attempt: (attempt: number) => Promise<T>,
): Promise<T> {
  const { policy, signal, startedAt } = asking;
  const attemptAt = (number: number) => (number === 1 ? Promise.reject(failure) : attempt(number));
  try {
    return await pRetry(attemptAt, {
      retries: policy.attempts - 1,
      // p-retry would add its own wait to ours, which knows what the endpoint asked for.
      minTimeout: 0,
      shouldRetry: async ({ error, attemptNumber }) => {
        const waitMs = signal.aborted ? undefined : waitBefore(error, attemptNumber, asking);
        if (waitMs === undefined) return false;
        if (performance.now() - startedAt + waitMs > policy.budgetMs) return false;
        await sleep(waitMs, signal);
        return !signal.aborted;
      },
    });
  } catch (error) {
    // p-retry wraps a reason that is no Error; the caller gets the very reason.
    signal.throwIfAborted();
    throw error;
  }
}

/** How long to wait before asking again; undefined when asking again is of no use. */
function waitBefore(
  error: unknown,
  attempts: number,
  { policy, hasWorked }: Asking,
): number | undefined {
  if (!(error instanceof ModelError)) return undefined;
  if (error.code === 'model_not_found' && error.status === 503) {
    const slow = Math.min(policy.firstWaitMs * slowFactor, policy.maxWaitMs);
    return hasWorked() && attempts === 1 ? slow : undefined;
  }
  if (!error.retryable) return undefined;
  const asked = error.retryAfterMs;
  // A little more than was asked, so that those who were told the same do not come back at once.
  if (asked !== undefined)
    return asked <= policy.maxWaitMs ? asked * (1 + Math.random() / 10) : undefined;
  const backoff = Math.min(policy.firstWaitMs * 2 ** (attempts - 1), policy.maxWaitMs);
  return backoff * (1 - Math.random() / 2);
}

/** Resolves after the time, or at once when the signal aborts. */
function sleep(ms: number, signal: StopSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake, { once: true });
  });
}
