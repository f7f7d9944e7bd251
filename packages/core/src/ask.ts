import { orAborted, sleep } from './abort.ts';
import { assemble } from './assemble.ts';
import type { Assembled, GrowingCall } from './assemble.ts';
import { ModelError } from './error.ts';
import type { AnswerTiming, Telling } from './event.ts';
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
  /** More reasoning than this in one answer is thinking without end. */
  readonly reasoningChars: number;
}

/** What one attempt at an answer has going on the side. */
export interface Attempt {
  /** A call has grown by a piece. */
  onGrown(call: GrowingCall): void;
  /** A call is most likely whole. */
  onClosed(index: number, call: GrowingCall): void;
  /** The attempt broke off; the next one starts anew. */
  discard(reason: unknown): void;
}

/** A whole answer, and what it took. */
export type Asked = Omit<Assembled, 'unsure'> & {
  readonly attempts: number;
  readonly timing: AnswerTiming;
};

const maxAttempts = 3;
/** An endpoint that asks for a longer wait is not asked again. */
const longestWaitMs = 60_000;

/**
 * Asks the model until it has given one whole answer, at most three times. Asks again where an answer broke
 * off, stalled, carried an error that may pass, or was empty; never before the first part, which is the
 * transport's to repeat. Thinking that used up the answer is switched off for the next attempt. What was
 * shown of a broken attempt is void: `step.retry` says so.
 */
export async function ask(question: Question, attemptAt: () => Attempt): Promise<Asked> {
  const { runId, step, signal, telling } = question;
  const watch = new Watch();
  let { request } = question;
  signal.throwIfAborted(); // whoever prepared the request may have been deaf
  for (let attempts = 1; ; attempts++) {
    const attempt = attemptAt();
    watch.begun = false;
    try {
      const { unsure, ...assembled } = await once({ ...question, request }, attempt, watch);
      const isLast = attempts === maxAttempts;
      if (!isLast || assembled.finishReason !== 'length') refuseEmpty(assembled);
      if (!isLast && unsure) throw cutShort();
      return { ...assembled, attempts, ...watch.end(assembled.usage) };
    } catch (error) {
      attempt.discard(error);
      signal.throwIfAborted();
      if (!(watch.begun && mayPass(error)) || attempts === maxAttempts) throw error;
      if ((error.retryAfterMs ?? 0) > longestWaitMs) throw error;
      watch.broke();
      if (error.code === 'endless_reasoning') request = { ...request, thinking: false };
      telling.tell({ type: 'step.retry', runId, step, attempt: attempts, reason: error.message });
      await sleep(error.retryAfterMs ?? 0, signal);
    }
  }
}

function once(question: Question, attempt: Attempt, watch: Watch): Promise<Assembled> {
  const { runId, step, telling, signal, reasoningChars } = question;
  const batches = question.model.stream(question.request, signal);
  const work = assemble(batches, {
    runId,
    step,
    telling,
    signal,
    reasoningChars,
    onGrown: (call) => attempt.onGrown(call),
    onClosed: (index, call) => attempt.onClosed(index, call),
    onBegun: () => watch.begin(),
    onUsage: (usage) => watch.tell(usage),
  });
  return orAborted(signal, work);
}

function mayPass(error: unknown): error is ModelError {
  return error instanceof ModelError && error.retryable;
}

function cutShort(): ModelError {
  const words = 'The answer ended without a word that it was finished; it may be cut short.';
  return new ModelError('incomplete_answer', words, { retryable: true });
}

function refuseEmpty({ message, finishReason }: Omit<Assembled, 'unsure'>): void {
  if (finishReason === 'content_filter') return;
  if (message.content?.trim() || message.tool_calls !== undefined) return;
  throw finishReason === 'length'
    ? new ModelError('endless_reasoning', 'The answer’s tokens were used up by thinking.', {
        retryable: true,
      })
    : new ModelError('empty_answer', 'The answer holds neither text nor a call.', {
        retryable: true,
      });
}

/** Time and tokens of one question, over all its attempts. */
class Watch {
  begun = false;
  readonly #fromMs = performance.now();
  #firstPartMs: number | undefined;
  #usage: Usage | undefined;
  #spent: Usage | undefined;

  begin(): void {
    this.begun = true;
    this.#firstPartMs ??= performance.now() - this.#fromMs;
  }

  tell(usage: Usage): void {
    this.#usage = usage;
  }

  /** What the broken attempt has used counts too. */
  broke(): void {
    if (this.#usage !== undefined) this.#spent = addUsage(this.#spent ?? noUsage, this.#usage);
    this.#usage = undefined;
  }

  end(usage: Usage | undefined): { readonly timing: AnswerTiming; readonly usage?: Usage } {
    const totalMs = performance.now() - this.#fromMs;
    const firstPartMs = this.#firstPartMs ?? totalMs;
    const seconds = (totalMs - firstPartMs) / 1000;
    const perSecond =
      usage === undefined || seconds <= 0 ? undefined : usage.outputTokens / seconds;
    const timing = {
      firstPartMs: Math.round(firstPartMs),
      totalMs: Math.round(totalMs),
      ...(perSecond === undefined ? {} : { tokensPerSecond: Math.round(perSecond) }),
    };
    const all = this.#spent === undefined ? usage : addUsage(this.#spent, usage);
    return all === undefined ? { timing } : { timing, usage: all };
  }
}
