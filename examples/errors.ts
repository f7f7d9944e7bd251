import { Agent, ModelError, ThroughlineError } from '@throughline/core';
import type { Model } from '@throughline/core';

/** One question, answered with a text or with a sentence that says what to do. */
export async function askOnce(model: Model, question: string): Promise<string> {
  // #region catch
  try {
    const { text } = await new Agent({ model }).run(question);
    return text;
  } catch (error) {
    if (error instanceof ModelError && error.retryable) {
      return `Try again in ${Math.ceil((error.retryAfterMs ?? 60_000) / 1000)} s: ${error.message}`;
    }
    if (error instanceof ThroughlineError) return `${error.code}: ${error.message}`;
    throw error; // not ours
  }
  // #endregion
}
