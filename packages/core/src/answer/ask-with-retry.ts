// answer/ owns one whole answer of the model: retry, assembly of its parts, the text of a call's arguments. It does not own
// what is asked (loop/), or whether a call may run (calls/).

import { orAborted, sleep } from '../base/abort.ts';
import { ModelError } from '../base/error.ts';
import type { AnswerTiming, EventSink } from '../base/event.ts';
import type { Model, ModelRequest, Usage } from '../base/model.ts';
import { assemble } from './assemble.ts';
import type { Assembled, GrowingCall, Told } from './assemble.ts';
import { Stopwatch } from './stopwatch.ts';

/** One question to the model, and who watches. */
export interface Question {
  readonly model: Model;
  readonly request: ModelRequest;
  readonly runId: string;
  readonly step: number;
  readonly signal: AbortSignal;
  readonly sink: EventSink;
  /** More reasoning than this in one answer is thinking without end. */
  readonly reasoningChars: number;
  /** An answer with more calls is asked for again. */
  readonly callsPerAnswer?: number | undefined;
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
export interface Asked {
  readonly told: Told;
  /** Of all attempts; undefined where the endpoint counted nothing. */
  readonly usage: Usage | undefined;
  readonly attempts: number;
  readonly timing: AnswerTiming;
  /** What was asked in the attempt that brought the answer. */
  readonly asked: ModelRequest;
}

const maxAttempts = 3;
/** An endpoint that asks for a longer wait is not asked again. */
const longestWaitMs = 60_000;

/**
 * Asks the model until it has given one whole answer, at most three times. Asks again where an answer broke
 * off, stalled, carried an error that may pass, or was empty; never before the first part, which is the
 * transport's to repeat. Thinking that used up the answer is switched off for the next attempt. What was
 * shown of a broken attempt is void: `step.retry` says so.
 */
export async function askWithRetry(question: Question, attemptAt: () => Attempt): Promise<Asked> {
  const { runId, step, signal, sink } = question;
  const stopwatch = new Stopwatch();
  let { request } = question;
  signal.throwIfAborted(); // host code that prepared the request may have ignored the abort
  for (let attempts = 1; ; attempts++) {
    const attempt = attemptAt();
    stopwatch.hasFirstPart = false;
    try {
      const { told, usage, unsure } = await once(question, request, { attempt, stopwatch });
      const isLast = attempts === maxAttempts;
      if (!isLast || told.finishReason !== 'length') refuseEmpty(told);
      if (!isLast && unsure) throw unfinished();
      return { told, attempts, ...stopwatch.end(usage), asked: request };
    } catch (error) {
      attempt.discard(error);
      signal.throwIfAborted();
      if (!(stopwatch.hasFirstPart && mayPass(error)) || attempts === maxAttempts) throw error;
      if ((error.retryAfterMs ?? 0) > longestWaitMs) throw error;
      stopwatch.nextAttempt();
      if (error.code === 'endless_reasoning') request = { ...request, thinking: false };
      sink.emit({ type: 'step.retry', runId, step, attempt: attempts, reason: error.message });
      await sleep(error.retryAfterMs ?? 0, signal);
    }
  }
}

function once(
  question: Question,
  request: ModelRequest,
  { attempt, stopwatch }: { readonly attempt: Attempt; readonly stopwatch: Stopwatch },
): Promise<Assembled> {
  const { runId, step, sink, signal, reasoningChars, callsPerAnswer } = question;
  const work = assemble(question.model.stream(request, signal), {
    runId,
    step,
    sink,
    signal,
    reasoningChars,
    callsPerAnswer,
    onGrown: (call) => attempt.onGrown(call),
    onClosed: (index, call) => attempt.onClosed(index, call),
    onBegun: () => stopwatch.markFirstPart(),
    onUsage: (usage) => stopwatch.setUsage(usage),
  });
  return orAborted(signal, work);
}

function mayPass(error: unknown): error is ModelError {
  return error instanceof ModelError && error.retryable;
}

function unfinished(): ModelError {
  const message =
    'The answer ended, but the endpoint did not say that it was finished. It may be cut short.';
  return new ModelError('incomplete_answer', message, { retryable: true });
}

function refuseEmpty({ message, finishReason }: Told): void {
  if (finishReason === 'content_filter') return;
  if (message.content?.trim() || message.tool_calls !== undefined) return;
  throw finishReason === 'length'
    ? new ModelError(
        'endless_reasoning',
        'The model used all tokens of its answer for reasoning.',
        {
          retryable: true,
        },
      )
    : new ModelError('empty_answer', 'The answer holds neither text nor a call.', {
        retryable: true,
      });
}
