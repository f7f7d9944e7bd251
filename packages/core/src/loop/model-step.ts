import { askWithRetry } from '../answer/ask.ts';
import { orAborted, TimeUp, within } from '../base/abort.ts';
import { ModelError } from '../base/error.ts';
import type { AnswerGiven, HistoryCompacted, MessageHeard, RunEnd } from '../base/event.ts';
import { shortened } from '../history/compaction.ts';
import { nearLimits, reachedLimit } from '../limits/limit.ts';
import type { Spent } from '../limits/limit.ts';
import type { StepScope } from '../record/recorder.ts';
import { attemptAnswer, partialReader } from './attempt.ts';
import { choiceOf, toRequest, barrier, barredCalls } from './request.ts';
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
  const spent = state.spent(await state.recorder.now());
  const content = noteFor(state, spent);
  if (content !== undefined) {
    return { type: 'message', runId, source: 'note', messages: [{ role: 'user', content }] };
  }
  const reached = reachedLimit(config.limits, spent);
  if (reached !== undefined && reached.atLimit !== 'answer') return stop(state, reached);
  tellNearLimits(state, step, spent);
  return inTime({ state, step, scope, spent, reached });
}

/** Does what a step needs as long as the run has time, without waiting for host code that ignores its end. */
async function inTime(answering: Answering): Promise<Next> {
  const { state, scope, spent, reached } = answering;
  const timed = within(scope.signal, reached === undefined ? timeLeft(state, spent) : graceMs);
  try {
    const work = compactOrAnswer(answering, timed.signal);
    return await (timed.signal === scope.signal ? work : orAborted(timed.signal, work));
  } catch (error) {
    if (!(timed.signal.reason instanceof TimeUp) || scope.signal.aborted) throw error;
    return timeUp(answering, await state.recorder.now());
  } finally {
    timed.release();
  }
}

async function compactOrAnswer(answering: Answering, signal: AbortSignal): Promise<Next> {
  const { state, step } = answering;
  const compacting = () => compacted(state, step, signal);
  if (answering.choice === undefined) {
    const { atTokens = Number.POSITIVE_INFINITY } = state.config.compaction;
    const shorter = state.estimatedTokens > atTokens ? await compacting() : undefined;
    if (shorter !== undefined) return shorter;
    answering.choice = await choiceOf(answering);
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
  const { model, request } = await toRequest(answering);
  const reasoningChars = Math.min(
    ...config.limits.map(({ reasoningChars = Number.POSITIVE_INFINITY }) => reasoningChars),
  );
  const bar = barrier(answering, request);
  const readPartial = await partialReader(state);
  const attempt = () => attemptAnswer(state, { step, signal: scope.signal, bar, readPartial });
  const { callsPerAnswer } = config;
  const bounds = { reasoningChars, callsPerAnswer };
  const question = { model, request, runId, step, signal, sink, ...bounds };
  const assembled = await askWithRetry(question, attempt);
  const endedAtMs = await state.recorder.now();
  const forced = reached === undefined ? {} : { atLimit: reached.reading };
  const barred = barredCalls(assembled, bar);
  return { type: 'answer', runId, step, ...assembled, ...forced, ...barred, endedAtMs };
}

/** How much of the run's time is left, in milliseconds; undefined where it has no end. */
function timeLeft({ endsAtMs, startedAtMs }: RunState, { elapsedMs }: Spent): number | undefined {
  return endsAtMs === undefined ? undefined : Math.max(0, endsAtMs - startedAtMs - elapsedMs);
}

/** The time ran out in the middle of an answer, or before it could be asked for. */
function timeUp(answering: Answering, nowMs: number): Promise<Next> | Next {
  const { state, reached, choice } = answering;
  if (reached !== undefined) return stop(state, { ...reached, atLimit: 'stop' });
  const late = lateReading(state, nowMs);
  // Where the host was still busy with the question there is none that could be asked.
  if (late.atLimit !== 'answer' || choice === undefined) return lateEnd(state, nowMs);
  return inTime({ ...answering, spent: state.spent(nowMs), reached: late });
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

function noteFor({ config, told }: RunState, spent: Spent): string | undefined {
  return config.limits
    .map((limit) => limit.note?.(spent))
    .find((note) => note !== undefined && !told.has(note));
}

function tellNearLimits({ config, told, sink, runId }: RunState, step: number, spent: Spent): void {
  for (const reading of nearLimits(config.limits, spent)) {
    if (told.has(`near ${reading.name}`)) continue;
    told.add(`near ${reading.name}`);
    sink.emit({ type: 'limit.near', runId, step, limit: reading });
  }
}
