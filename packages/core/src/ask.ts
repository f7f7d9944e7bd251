import { orAborted, sleep } from './abort.ts';
import { assemble } from './assemble.ts';
import type { Assembled, GrowingCall } from './assemble.ts';
import { ModelError } from './error.ts';
import type { Telling } from './event.ts';
import type { Model, ModelRequest, Usage } from './model.ts';
import { addUsage, noUsage } from './usage.ts';

/** One question to the model, and who watches. */
export interface Question {
  readonly model: Model;
  readonly request: ModelRequest;
  readonly runId: string;
  readonly step: number;
  readonly signal: AbortSignal;
  readonly telling: Telling;
}

/** What one attempt at an answer has going on the side. */
export interface Attempt {
  /** A call is most likely whole. */
  onClosed(index: number, call: GrowingCall): void;
  /** The attempt broke off; the next one starts anew. */
  discard(reason: unknown): void;
}

const maxAttempts = 3;

/**
 * Asks the model until it has given one whole answer, at most three times. Asks again where an answer broke
 * off, stalled, carried an error that may pass, or was empty; never before the first part, which is the
 * transport's to repeat. What was shown of a broken attempt is void: `step.retry` says so.
 */
export async function ask(
  question: Question,
  attemptAt: () => Attempt,
): Promise<Assembled & { readonly attempts: number }> {
  const { runId, step, signal, telling } = question;
  let spent: Usage = noUsage;
  for (let attempts = 1; ; attempts++) {
    let begun = false;
    let usage: Usage | undefined;
    const attempt = attemptAt();
    try {
      const batches = question.model.stream(question.request, signal);
      const assembled = await orAborted(
        signal,
        assemble(batches, {
          runId,
          step,
          telling,
          signal,
          onClosed: (index, call) => attempt.onClosed(index, call),
          onBegun: () => (begun = true),
          onUsage: (told) => (usage = told),
        }),
      );
      refuseEmpty(assembled);
      if (assembled.usage === undefined && spent === noUsage) return { ...assembled, attempts };
      return { ...assembled, usage: addUsage(spent, assembled.usage), attempts };
    } catch (error) {
      attempt.discard(error);
      signal.throwIfAborted();
      spent = addUsage(spent, usage);
      if (!(begun && mayPass(error)) || attempts === maxAttempts) throw error;
      telling.tell({ type: 'step.retry', runId, step, attempt: attempts, reason: error.message });
      await sleep(error.retryAfterMs ?? 0, signal);
    }
  }
}

function mayPass(error: unknown): error is ModelError {
  return error instanceof ModelError && error.retryable;
}

function refuseEmpty({ message, finishReason }: Assembled): void {
  const ended = finishReason === 'stop' || finishReason === 'tool_calls';
  if (!ended || message.content?.trim() || message.tool_calls !== undefined) return;
  throw new ModelError('empty_answer', 'The answer holds neither text nor a call.', {
    retryable: true,
  });
}
