// loop/ owns the steps of a run up to the answer: state, limits, compaction, request, the end of a run. It does not own the order
// of the steps (loop.ts), or how a call runs (calls/).

import { askWithRetry } from '../answer/ask-with-retry.ts';
import { ModelError } from '../base/error.ts';
import type { AnswerGiven, HistoryCompacted, MessageHeard, RunEnd } from '../base/event.ts';
import type { AssistantMessage } from '../base/message.ts';
import type { Model, Usage } from '../base/model.ts';
import type { Writable } from '../base/writable.ts';
import { shortened } from '../history/shorten.ts';
import { estimateTokens } from '../history/estimate.ts';
import type { Spent } from '../limits/limit.ts';
import { nearLimits, reachedLimit } from '../limits/reached.ts';
import type { StepScope } from '../record/recorder.ts';
import { attemptAnswer, isShownInPart, partialReader } from './beside-answer.ts';
import { choiceOf, toRequest, barrier, barredCalls, requestChange } from './request.ts';
import type { Answering } from './request.ts';
import { lateEnd, lateReading, stop } from './run-end.ts';
import type { RunState } from './run-state.ts';

/** What a step may bring next: its answer, or something that comes before it. */
export type Next = AnswerGiven | MessageHeard | HistoryCompacted | RunEnd;

/** How long the last answer of a run whose time is up may still take, in milliseconds. */
const graceMs = 30_000;

/**
 * The work of one recorded step of the loop: what was said from outside is heard first, then limits are
 * looked at, then the history is kept in bounds, then the model is asked.
 */
export async function modelStep(state: RunState, step: number, scope: StepScope): Promise<Next> {
  const { config, runId } = state;
  const steered = config.inbox.take('steer');
  if (steered !== undefined) return { type: 'message', runId, ...steered };
  const elapsed = state.deadline.elapsedMs();
  const spent = state.spent(typeof elapsed === 'number' ? elapsed : await elapsed);
  const content = noteFor(state, spent);
  if (content !== undefined) {
    return { type: 'message', runId, source: 'note', messages: [{ role: 'user', content }] };
  }
  if (spent.steps > 0 && spent.usage.costUsd === undefined && isLimited(state, ['cost'])) {
    warnOnce(state, `limit.cost cannot count: no price of the model ${config.model.id} is known.`);
  }
  const reached = reachedLimit(config.limits, spent);
  if (reached !== undefined && reached.atLimit !== 'answer') return stop(state, reached);
  tellNearLimits(state, step, spent);
  return answerInTime({ state, step, scope, spent, reached });
}

/** Does what a step needs as long as the run has time, without waiting for host code that ignores its end. */
async function answerInTime(answering: Answering): Promise<Next> {
  const { state, scope, reached } = answering;
  const { deadline } = state;
  const work = (signal: AbortSignal) => compactOrAnswer(answering, signal);
  const next = await deadline.inTime(scope.signal, work, reached && graceMs);
  return next ?? timeUp(answering, await deadline.elapsedMs());
}

async function compactOrAnswer(answering: Answering, signal: AbortSignal): Promise<Next> {
  const { state, step } = answering;
  const compacting = () => compacted(state, step, signal);
  if (answering.choice === undefined) {
    const { atTokens = Number.POSITIVE_INFINITY } = state.config.compaction;
    const shorter = state.estimatedTokens > atTokens ? await compacting() : undefined;
    if (shorter !== undefined) return shorter;
    answering.choice = state.config.prepareStep === undefined ? {} : await choiceOf(answering);
  }
  try {
    return await answer(answering, signal);
  } catch (error) {
    if (!(error instanceof ModelError) || error.code !== 'context_overflow') throw error;
    const shorterNow = await compacting();
    if (shorterNow === undefined) throw error;
    return shorterNow;
  }
}

async function answer(answering: Answering, signal: AbortSignal): Promise<AnswerGiven> {
  const { state, step, scope, reached } = answering;
  const { runId, sink, config } = state;
  const { model, request } = toRequest(answering, await state.toolset.specs());
  const reasoningChars = Math.min(
    ...config.limits.map(({ reasoningChars = Number.POSITIVE_INFINITY }) => reasoningChars),
  );
  const bar = barrier(answering, request);
  const readPartial = isShownInPart(state) ? await partialReader() : undefined;
  const attempt = () => attemptAnswer(state, { step, signal: scope.signal, bar, readPartial });
  const { callsPerAnswer } = config;
  const bounds = { reasoningChars, callsPerAnswer };
  const question = { model, request, runId, step, signal, sink, ...bounds };
  const { told, usage, attempts, timing, asked } = await askWithRetry(question, attempt);
  const endedAtMs = await state.recorder.now();
  const { message } = told;
  return {
    type: 'answer',
    runId,
    step,
    ...told,
    usage: usage ?? estimatedUsage(state, model, message),
    attempts,
    timing,
    ...(reached === undefined ? nothing : { atLimit: reached.reading }),
    ...barredCalls(message, bar),
    ...requestChange(state, asked, model),
    endedAtMs,
  };
}

const nothing = {};

/** Unknown is not nothing: a limit on tokens or cost would never be reached. */
function estimatedUsage(state: RunState, model: Model, message: AssistantMessage): Usage {
  const counted: Writable<Usage> = {
    inputTokens: state.estimatedTokens,
    cachedTokens: 0,
    outputTokens: estimateTokens(message),
    reasoningTokens: 0,
    estimated: true,
  };
  if (isLimited(state, ['tokens', 'cost'])) {
    warnOnce(
      state,
      'The endpoint did not count the tokens of an answer, so the limits count an estimate: about three characters to a token.',
    );
  }
  const costUsd = model.costOf?.(counted);
  if (costUsd !== undefined) counted.costUsd = costUsd;
  return counted;
}

function warnOnce({ notified, sink, runId }: RunState, message: string): void {
  if (notified.has(message)) return;
  notified.add(message);
  sink.emit({ type: 'warning', runId, message });
}

/** The time ran out in the middle of an answer, or before it could be asked for. */
function timeUp(answering: Answering, elapsedMs: number): Promise<Next> | Next {
  const { state, reached, choice } = answering;
  if (reached !== undefined) return stop(state, { ...reached, atLimit: 'stop' });
  const late = lateReading(state, elapsedMs);
  // Where the host was still busy with the question there is none that could be asked.
  if (late.atLimit !== 'answer' || choice === undefined) return lateEnd(state, elapsedMs);
  return answerInTime({ ...answering, spent: state.spent(elapsedMs), reached: late });
}

/** The history made shorter, once in a step; undefined where that cannot be. */
async function compacted(
  state: RunState,
  step: number,
  signal: AbortSignal,
): Promise<HistoryCompacted | undefined> {
  const { config, runId } = state;
  if (state.compactedIn === step) return undefined;
  const about = { model: config.model, signal };
  const shorter = await shortened(config.compaction, state.conversation, about);
  return shorter && { type: 'history.compacted', runId, step, ...shorter };
}

/** Whether a limit counts one of these. */
function isLimited(state: RunState, names: readonly string[]): boolean {
  const spent = state.spent(0);
  return state.config.limits.some((limit) => names.includes(limit.read(spent)?.name ?? ''));
}

function noteFor({ config, notified }: RunState, spent: Spent): string | undefined {
  return config.limits
    .map((limit) => limit.note?.(spent))
    .find((note) => note !== undefined && !notified.has(note));
}

function tellNearLimits(
  { config, notified, sink, runId }: RunState,
  step: number,
  spent: Spent,
): void {
  for (const reading of nearLimits(config.limits, spent)) {
    if (notified.has(`near ${reading.name}`)) continue;
    notified.add(`near ${reading.name}`);
    sink.emit({ type: 'limit.near', runId, step, limit: reading });
  }
}
