import { wordsOf } from '../base/error.ts';
import type { ThrownError } from '../base/event.ts';

/** What a tool threw, as `call.error` tells it. Undefined for what cannot be looked at: a proxy may throw at that. */
export function dataOf(thrown: unknown): ThrownError | undefined {
  try {
    if (!(thrown instanceof Error)) return { name: typeof thrown, message: wordsOf(thrown) };
    const { name, message, stack } = thrown;
    const data = { name: String(name), message: String(message) };
    return stack === undefined ? data : { ...data, stack: String(stack) };
  } catch {
    return undefined;
  }
}
