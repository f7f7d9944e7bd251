import { ask } from './ask.ts';
import { ThroughlineError } from './error.ts';
import type {
  AnswerGiven,
  LimitReading,
  MessageHeard,
  RecordedEvent,
  RunEnd,
  StopReason,
  Telling,
} from './event.ts';
import { execute } from './execute.ts';
import type { Inbox } from './inbox.ts';
import { nearLimits, reachedLimit } from './limit.ts';
import type { Limit, Spent } from './limit.ts';
import type { Message } from './message.ts';
import type { Model } from './model.ts';
import { Prefetch } from './prefetch.ts';
import type { Recorder, StepScope } from './recorder.ts';
import type { CallHost } from './run-call.ts';
import type { Plug } from './tool.ts';
import { toToolset } from './toolset.ts';
import type { Toolset } from './toolset.ts';
import { addUsage, noUsage } from './usage.ts';

/** What one run is about. */
export interface Plan {
  readonly agent: string;
  readonly model: Model;
  /** The system message; none when empty. */
  readonly instructions: string;
  readonly history: readonly Message[];
  readonly input: readonly Message[];
  readonly inbox: Inbox;
  readonly tools: readonly Plug[];
  readonly limits: readonly Limit[];
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  readonly host: CallHost;
  readonly signal: AbortSignal;
}

/** A run under way. */
interface Course extends Plan {
  readonly recorder: Recorder;
  readonly telling: Telling;
  /** Sent with every request. It only grows, so what was sent before stays a prefix. */
  readonly messages: Message[];
  readonly calls: Map<string, number>;
  spent: Spent;
  /** Runs `fn` through the recorder and tells its event. */
  settle<E extends RecordedEvent>(key: string, fn: (scope: StepScope) => Promise<E>): Promise<E>;
}

/**
 * THE loop: ask the model, run the calls it makes, go round, until it makes none. It has no clock, no
 * random, no I/O of its own and waits for nothing but the recorder, so that the same loop runs in process,
 * from a log and on an engine. Rejects with a typed error, or with the signal's reason.
 */
export async function loop(plan: Plan, recorder: Recorder, telling: Telling): Promise<RunEnd> {
  const course = setOut(plan, recorder, telling);
  const { runId } = recorder;
  const { agent, model, input, signal } = plan;
  await course.settle('start', async () => {
    return { type: 'run.start', runId, agent, model: model.id, startedAtMs: await recorder.now() };
  });
  hear(
    course,
    await course.settle('input', async () => ({
      type: 'message',
      runId,
      source: 'input',
      messages: input,
    })),
  );
  const told = new Set<string>();
  let toolset: Toolset | undefined;
  for (let step = 1; ; step++) {
    signal.throwIfAborted();
    const reached = reachedLimit(plan.limits, course.spent);
    if (reached?.atLimit === 'throw') throw limitError(reached.reading);
    if (reached?.atLimit === 'stop') return endAtLimit(course, step, reached.reading, '');
    warnNearLimits(course, step, told);
    telling.tell({ type: 'step.start', runId, step });
    toolset = toToolset(plan.tools, toolset);
    const { answer, prefetch } = await nextAnswer(course, toolset, step, reached?.reading);
    const pending = await runCalls(course, answer, toolset, prefetch);
    telling.tell({ type: 'step.end', runId, step });
    signal.throwIfAborted();
    const text = answer.message.content ?? '';
    if (pending.length > 0) {
      const end = { ...runEnd(course, 'suspended', text), pending };
      telling.tell(end); // not recorded: a resumed run goes on from here
      return end;
    }
    if (reached !== undefined) return endAtLimit(course, step, reached.reading, text);
    if (answer.message.tool_calls !== undefined) continue;
    const end = await course.settle<RunEnd | MessageHeard>(`${step}/end`, async () => {
      const heard = plan.inbox.take('steer') ?? plan.inbox.take('followUp');
      if (heard !== undefined) return { type: 'message', runId, ...heard };
      plan.inbox.close();
      return runEnd(course, stopReasonOf(answer), text);
    });
    if (end.type === 'run.end') return end;
    hear(course, end);
  }
}

function setOut(plan: Plan, recorder: Recorder, telling: Telling): Course {
  const calls = new Map<string, number>();
  const instructions: readonly Message[] =
    plan.instructions === '' ? [] : [{ role: 'system', content: plan.instructions }];
  return {
    ...plan,
    recorder,
    telling,
    calls,
    messages: [...instructions, ...plan.history],
    spent: { steps: 0, calls, usage: noUsage },
    async settle(key, fn) {
      const event = await recorder.step(key, fn);
      telling.tell(event);
      return event;
    },
  };
}

/** The answer of a step. What was said from outside before it is heard first, each under a key of its own. */
async function nextAnswer(
  course: Course,
  toolset: Toolset,
  step: number,
  atLimit: LimitReading | undefined,
): Promise<{ answer: AnswerGiven; prefetch: Prefetch | undefined }> {
  let prefetch: Prefetch | undefined;
  for (let heard = 0; ; heard++) {
    const key = heard === 0 ? `${step}/answer` : `${step}/answer/${heard}`;
    const event = await course.settle<AnswerGiven | MessageHeard>(key, async (scope) => {
      const { runId } = course.recorder;
      const message = course.inbox.take('steer');
      if (message !== undefined) return { type: 'message', runId, ...message };
      const request = {
        messages: course.messages,
        tools: await toolset.specs(),
        toolChoice: atLimit === undefined ? ('auto' as const) : ('none' as const),
        ...(course.parameters === undefined ? {} : { parameters: course.parameters }),
      };
      const { model, telling } = course;
      const question = { model, request, runId, step, signal: scope.signal, telling };
      const assembled = await ask(question, () => {
        prefetch = new Prefetch(toolset.tools, course.host, scope.signal);
        return attemptWith(prefetch, runId, step);
      });
      const doubts = atLimit === undefined ? {} : { doubts: doubtAll(assembled, atLimit) };
      const endedAtMs = await course.recorder.now();
      return { type: 'answer', runId, step, ...assembled, ...doubts, endedAtMs };
    });
    if (event.type === 'answer') {
      course.messages.push(event.message);
      return { answer: event, prefetch };
    }
    hear(course, event);
  }
}

function attemptWith(prefetch: Prefetch, runId: string, step: number) {
  return {
    onClosed: (index: number, call: Parameters<Prefetch['start']>[0]) => {
      const number = index + 1;
      const idempotencyKey = `${runId}/${step}/call/${number}`;
      prefetch.start(call, { runId, step, call: number, callId: call.id, idempotencyKey });
    },
    discard: (reason: unknown) => prefetch.discard(reason),
  };
}

/** A model that calls although it was told not to is told again, in each call's result. */
function doubtAll({ message }: Pick<AnswerGiven, 'message'>, { name, max }: LimitReading) {
  const why = `the run has reached its limit of ${max} ${name}, and no more calls are made`;
  return Object.fromEntries((message.tool_calls ?? []).map((_, at) => [at + 1, why]));
}

/** Takes the answer's calls to their ends. Returns those that wait for a person. */
async function runCalls(
  course: Course,
  answer: AnswerGiven,
  toolset: Toolset,
  prefetch: Prefetch | undefined,
) {
  const { spent, calls, recorder, settle, host } = course;
  course.spent = {
    steps: spent.steps + 1,
    calls,
    usage: addUsage(spent.usage, answer.usage),
  };
  for (const { function: named } of answer.message.tool_calls ?? []) {
    calls.set(named.name, (calls.get(named.name) ?? 0) + 1);
  }
  try {
    const { tools } = toolset;
    const { ends, pending } = await execute({ answer, tools, recorder, settle, host, prefetch });
    for (const end of ends) course.messages.push(end.message);
    return pending;
  } finally {
    prefetch?.discard(undefined);
  }
}

function hear(course: Course, { messages }: MessageHeard): void {
  course.messages.push(...messages);
}

function warnNearLimits(course: Course, step: number, told: Set<string>): void {
  const { telling, recorder, limits, spent } = course;
  for (const reading of nearLimits(limits, spent)) {
    if (told.has(reading.name)) continue;
    told.add(reading.name);
    telling.tell({ type: 'limit.near', runId: recorder.runId, step, limit: reading });
  }
}

function stopReasonOf({ finishReason }: AnswerGiven): StopReason {
  return finishReason === 'length' || finishReason === 'content_filter' ? finishReason : 'answer';
}

function endAtLimit(course: Course, step: number, limit: LimitReading, text: string) {
  return course.settle(`${step}/end`, async () => ({ ...runEnd(course, 'limit', text), limit }));
}

function runEnd({ recorder, spent }: Course, stopReason: StopReason, text: string): RunEnd {
  const { steps, usage } = spent;
  return { type: 'run.end', runId: recorder.runId, stopReason, text, steps, usage };
}

function limitError({ name, used, max }: LimitReading): ThroughlineError {
  return new ThroughlineError(
    'limit_reached',
    `The limit "${name}" is reached: ${used} of ${max}.`,
  );
}
