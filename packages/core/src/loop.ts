import { orAborted, TimeUp, unlessAborted, within } from './abort.ts';
import { Course } from './course.ts';
import { ThroughlineError } from './error.ts';
import type {
  AnswerGiven,
  CallEnd,
  MessageHeard,
  RunEnd,
  RunStart,
  StopReason,
  Telling,
} from './event.ts';
import { execute } from './execute.ts';
import { handoverOf } from './handover.ts';
import type { Json } from './model.ts';
import { next } from './next.ts';
import { maxOutputMends, readTextOutput } from './output.ts';
import type { Plan } from './plan.ts';
import type { Recorder } from './recorder.ts';
import { lateEnd, runEnd } from './run-end.ts';
import { timeLeft } from './time-left.ts';
import { toToolset } from './toolset.ts';

/**
 * THE loop: ask the model, run the calls it makes, go round, until it makes none. It has no clock, no
 * random, no I/O of its own and waits for nothing but the recorder, so that the same loop runs in process,
 * from a log and on an engine. Rejects with a typed error, or with the signal's reason.
 */
export async function loop(plan: Plan, recorder: Recorder, telling: Telling): Promise<RunEnd> {
  const course = new Course(plan, recorder, telling);
  try {
    return await goRound(course);
  } catch (error) {
    // An answer that could not be recorded leaves its early reads behind.
    course.prefetch?.discard(error);
    throw error;
  }
}

async function goRound(course: Course): Promise<RunEnd> {
  const { plan, telling, runId } = course;
  await begin(course);
  let mends = 0;
  for (let step = 1; ; step++) {
    plan.signal.throwIfAborted();
    telling.tell({ type: 'step.start', runId, step });
    course.toolset = toToolset(course.plan.tools, course.toolset);
    const answer = await nextAnswer(course, step);
    if (answer.type === 'run.end') return answer;
    const { ends, pending } = await runCalls(course, answer);
    telling.tell({ type: 'step.end', runId, step });
    plan.signal.throwIfAborted();
    const text = answer.message.content ?? '';
    if (pending.length > 0) {
      const end = { ...runEnd(course, 'suspended', text), pending };
      telling.tell(end); // not recorded: a resumed run goes on from here
      return end;
    }
    const output = givenOutput(plan, answer, ends);
    mends += ends.filter(({ name, outcome }) => isOutput(plan, name) && outcome !== 'ok').length;
    if (mends >= maxOutputMends) throw noOutput(mends);
    const done = output !== undefined || answer.atLimit !== undefined;
    if (!done && answer.message.tool_calls !== undefined) continue;
    const end = await course.settle(`${step}/end`, ({ signal }) =>
      unlessAborted(signal, () => ending(course, answer, { given: output, mends, signal })),
    );
    if (end.type === 'run.end') return end;
    course.hear(end);
    if (end.source === 'note') mends++;
  }
}

async function begin(course: Course): Promise<void> {
  const { plan, runId, recorder } = course;
  const { agent, model, input } = plan;
  const start = await course.settle<RunStart>('start', async () => {
    return { type: 'run.start', runId, agent, model: model.id, startedAtMs: await recorder.now() };
  });
  course.begin(start);
  const heard = await course.settle<MessageHeard>('input', async () => {
    return { type: 'message', runId, source: 'input', messages: input };
  });
  course.hear(heard);
}

/** The answer of a step, or the end of the run. What comes before it has a key of its own each. */
async function nextAnswer(course: Course, step: number): Promise<AnswerGiven | RunEnd> {
  for (let before = 0; ; before++) {
    const key = before === 0 ? `${step}/answer` : `${step}/answer/${before}`;
    const event = await course.settle(key, (scope) =>
      unlessAborted(scope.signal, () => next(course, step, scope)),
    );
    switch (event.type) {
      case 'run.end':
        return event;
      case 'answer':
        course.take(event);
        return event;
      case 'message':
        course.hear(event);
        break;
      case 'history.compacted':
        course.compact(event);
        break;
    }
  }
}

/** Takes the answer's calls to their ends, except those that wait for a person. */
async function runCalls(course: Course, answer: AnswerGiven) {
  const { recorder, plan, toolset, prefetch } = course;
  const host = { ...plan.host, endsAtMs: course.endsAtMs };
  try {
    const executed = await execute({
      answer,
      tools: toolset.tools,
      recorder,
      settle: (key, fn) => course.settle(key, fn),
      host,
      prefetch,
    });
    if (executed.pending.length > 0) return executed;
    course.close(answer, executed.ends);
    const ended = executed.ends.filter(({ outcome }) => outcome === 'ok');
    const [handover] = ended.flatMap(({ name }) => handoverOf(toolset.tools.get(name)) ?? []);
    if (handover !== undefined) course.handOver(handover);
    return executed;
  } finally {
    prefetch?.discard(undefined);
    course.prefetch = undefined;
  }
}

/** The end of the run, unless something was said meanwhile, or the answer is not of the form that was asked for. */
async function ending(
  course: Course,
  answer: AnswerGiven,
  { given, mends, signal }: { given: Json | undefined; mends: number; signal: AbortSignal },
): Promise<RunEnd | MessageHeard> {
  const { plan, runId } = course;
  const { atLimit: limit } = answer;
  const heard = limit ? undefined : (plan.inbox.take('steer') ?? plan.inbox.take('followUp'));
  if (heard !== undefined) return { type: 'message', runId, ...heard };
  const text = answer.message.content ?? '';
  const end = runEnd(course, limit === undefined ? stopReasonOf(answer) : 'limit', text);
  const limited = limit === undefined ? end : { ...end, limit };
  if (given === undefined && plan.output !== undefined) {
    const { output } = plan;
    const read = await inTime(course, signal, () => readTextOutput(output, text));
    if (read === undefined) return { ...lateEnd(course, await course.recorder.now()), text };
    if ('output' in read) return { ...limited, output: read.output };
    if (limit === undefined && mends + 1 >= maxOutputMends) throw noOutput(mends + 1);
    if (limit === undefined) {
      const messages = [{ role: 'user' as const, content: read.note }];
      return { type: 'message', runId, source: 'note', messages };
    }
  }
  plan.inbox.close();
  return given === undefined ? limited : { ...limited, output: given };
}

/** What `work` comes to; undefined where the run's time is up first. */
async function inTime<T>(
  course: Course,
  outer: AbortSignal,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const { signal, release } = within(outer, await timeLeft(course));
  try {
    return await orAborted(signal, work());
  } catch (error) {
    if (signal.reason instanceof TimeUp && !outer.aborted) return undefined;
    throw error;
  } finally {
    release();
  }
}

/** The arguments of the call that gave the structured answer. */
function givenOutput(plan: Plan, answer: AnswerGiven, ends: readonly CallEnd[]): Json | undefined {
  const end = ends.find(({ name, outcome }) => isOutput(plan, name) && outcome === 'ok');
  if (end === undefined) return undefined;
  const text = answer.message.tool_calls?.[end.call - 1]?.function.arguments;
  return JSON.parse(text ?? 'null') as Json;
}

function isOutput({ output }: Plan, name: string): boolean {
  return output !== undefined && name === output.tool.name;
}

function noOutput(times: number): ThroughlineError {
  return new ThroughlineError(
    'invalid_output',
    `The model gave no answer that fits the output schema, though it was told what is wrong ${times} times.`,
  );
}

function stopReasonOf({ finishReason }: AnswerGiven): StopReason {
  return finishReason === 'length' || finishReason === 'content_filter' ? finishReason : 'answer';
}
