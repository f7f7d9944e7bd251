import { orAborted, TimeUp, within } from './abort.ts';
import { ask } from './ask.ts';
import type { Asked } from './ask.ts';
import type { Course } from './course.ts';
import { ModelError, ThroughlineError } from './error.ts';
import type { AnswerGiven, HistoryCompacted, MessageHeard, RunEnd } from './event.ts';
import type { Spent } from './limit.ts';
import { nearLimits, reachedLimit } from './limit-reading.ts';
import type { Reached } from './limit-reading.ts';
import type { Model, ModelRequest } from './model.ts';
import { attemptAnswer, partialReader } from './attempt.ts';
import type { StepChoice } from './plan.ts';
import type { StepScope } from './recorder.ts';
import { lateEnd, lateReading, stop } from './run-end.ts';
import { shortened } from './shortened.ts';

/** What a step may bring next: its answer, or something that comes before it. */
export type Next = AnswerGiven | MessageHeard | HistoryCompacted | RunEnd;

/** How long the last answer of a run whose time is up may still take, in milliseconds. */
const graceMs = 30_000;

/**
 * The work of one recorded step of the loop: what was said from outside is heard first, then limits are
 * looked at, then the history is kept in bounds, then the model is asked.
 */
export async function next(course: Course, step: number, scope: StepScope): Promise<Next> {
  const { plan, runId } = course;
  const steered = plan.inbox.take('steer');
  if (steered !== undefined) return { type: 'message', runId, ...steered };
  const spent = course.spent(await course.recorder.now());
  const content = noteFor(course, spent);
  if (content !== undefined) {
    return { type: 'message', runId, source: 'note', messages: [{ role: 'user', content }] };
  }
  const reached = reachedLimit(plan.limits, spent);
  if (reached !== undefined && reached.atLimit !== 'answer') return stop(course, reached);
  tellNearLimits(course, step, spent);
  return inTime({ course, step, scope, spent, reached });
}

interface Answering {
  readonly course: Course;
  readonly step: number;
  readonly scope: StepScope;
  readonly spent: Spent;
  readonly reached: Reached | undefined;
  /** What the host has chosen for the step, once it has. */
  choice?: StepChoice | undefined;
}

/** Does what a step needs as long as the run has time, without waiting for host code that ignores its end. */
async function inTime(answering: Answering): Promise<Next> {
  const { course, scope, spent, reached } = answering;
  const timed = within(scope.signal, reached === undefined ? timeLeft(course, spent) : graceMs);
  try {
    const work = compactOrAnswer(answering, timed.signal);
    return await (timed.signal === scope.signal ? work : orAborted(timed.signal, work));
  } catch (error) {
    if (!(timed.signal.reason instanceof TimeUp) || scope.signal.aborted) throw error;
    return timeUp(answering, await course.recorder.now());
  } finally {
    timed.release();
  }
}

async function compactOrAnswer(answering: Answering, signal: AbortSignal): Promise<Next> {
  const { course, step } = answering;
  const compacting = () => compacted(course, step, signal);
  if (answering.choice === undefined) {
    const { atTokens = Number.POSITIVE_INFINITY } = course.plan.compaction;
    const shorter = course.estimatedTokens > atTokens ? await compacting() : undefined;
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
  const { course, step, scope, reached } = answering;
  const { runId, telling, plan } = course;
  const { model, request } = await toRequest(answering);
  const reasoningChars = Math.min(
    ...plan.limits.map(({ reasoningChars = Number.POSITIVE_INFINITY }) => reasoningChars),
  );
  const bar = barrier(answering, request);
  const readPartial = await partialReader(course);
  const attempt = () => attemptAnswer(course, { step, signal: scope.signal, bar, readPartial });
  const question = { model, request, runId, step, signal, telling, reasoningChars };
  const assembled = await ask(question, attempt);
  const endedAtMs = await course.recorder.now();
  const forced = reached === undefined ? {} : { atLimit: reached.reading };
  const barred = barredCalls(assembled, bar);
  return { type: 'answer', runId, step, ...assembled, ...forced, ...barred, endedAtMs };
}

/** What the host says about the step; it is asked once. */
async function choiceOf({ course, step, spent }: Answering): Promise<StepChoice> {
  const { plan, messages, toolset } = course;
  const names = [...toolset.tools.keys()];
  const choice = (await plan.prepareStep?.({ step, messages, tools: names, spent })) ?? {};
  for (const name of choice.tools ?? []) {
    if (names.includes(name)) continue;
    throw new ThroughlineError(
      'invalid_option',
      `prepareStep chose the tool "${name}" for step ${step}; the tools are: ${names.join(', ')}.`,
    );
  }
  return choice;
}

async function toRequest({ course, choice = {}, reached }: Answering): Promise<{
  readonly model: Model;
  readonly request: ModelRequest;
}> {
  const { plan, messages, toolset } = course;
  const specs = await toolset.specs();
  const chosen = choice.tools && new Set(choice.tools);
  const forced = plan.output === undefined ? 'none' : { name: plan.output.tool.name };
  const parameters = { ...plan.parameters, ...choice.parameters };
  return {
    model: choice.model ?? plan.model,
    request: {
      messages: choice.messages ?? messages,
      tools: chosen === undefined ? specs : specs.filter(({ name }) => chosen.has(name)),
      toolChoice: reached === undefined ? (choice.toolChoice ?? 'auto') : forced,
      ...(choice.thinking === undefined ? {} : { thinking: choice.thinking }),
      ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    },
  };
}

/** Why a tool may not be called in this step, though it exists; undefined where it may. */
type Barrier = (name: string) => string | undefined;

/** What a model was not offered it may not do, even if it knows of it from earlier steps. */
function barrier({ course, reached }: Answering, { tools, toolChoice }: ModelRequest): Barrier {
  const { plan, toolset } = course;
  return (name) => {
    if (reached !== undefined) {
      const { max, name: unit } = reached.reading;
      if (name === plan.output?.tool.name) return undefined;
      return `the run has reached its limit of ${max} ${unit}, and no more calls are made`;
    }
    if (!toolset.tools.has(name)) return undefined; // the words for an unknown name are better
    const offered = toolChoice !== 'none' && tools.some((tool) => tool.name === name);
    return offered ? undefined : `"${name}" is not to be called in this step`;
  };
}

function barredCalls({ message }: Asked, bar: Barrier) {
  const barred = (message.tool_calls ?? []).flatMap(({ function: { name } }, at) => {
    const why = bar(name);
    return why === undefined ? [] : [[at + 1, why] as const];
  });
  return barred.length === 0 ? {} : { barred: Object.fromEntries(barred) };
}

/** How much of the run's time is left, in milliseconds; undefined where it has no end. */
function timeLeft({ endsAtMs, startedAtMs }: Course, { elapsedMs }: Spent): number | undefined {
  return endsAtMs === undefined ? undefined : Math.max(0, endsAtMs - startedAtMs - elapsedMs);
}

/** The time ran out in the middle of an answer, or before it could be asked for. */
function timeUp(answering: Answering, nowMs: number): Promise<Next> | Next {
  const { course, reached, choice } = answering;
  if (reached !== undefined) return stop(course, { ...reached, atLimit: 'stop' });
  const late = lateReading(course, nowMs);
  // Where the host was still busy with the question there is none that could be asked.
  if (late.atLimit !== 'answer' || choice === undefined) return lateEnd(course, nowMs);
  return inTime({ ...answering, spent: course.spent(nowMs), reached: late });
}

/** The history made shorter, once in a step; undefined where that cannot be. */
async function compacted(
  course: Course,
  step: number,
  signal: AbortSignal,
): Promise<HistoryCompacted | undefined> {
  const { plan, runId } = course;
  if (course.compactedIn === step) return undefined;
  const about = { model: plan.model, signal };
  const shorter = await shortened(plan.compaction, course.conversation, about);
  return shorter && { type: 'history.compacted', runId, step, ...shorter };
}

function noteFor({ plan, told }: Course, spent: Spent): string | undefined {
  return plan.limits
    .map((limit) => limit.note?.(spent))
    .find((note) => note !== undefined && !told.has(note));
}

function tellNearLimits({ plan, told, telling, runId }: Course, step: number, spent: Spent): void {
  for (const reading of nearLimits(plan.limits, spent)) {
    if (told.has(`near ${reading.name}`)) continue;
    told.add(`near ${reading.name}`);
    telling.tell({ type: 'limit.near', runId, step, limit: reading });
  }
}
