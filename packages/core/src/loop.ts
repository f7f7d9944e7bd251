import { unlessAborted } from './base/abort.ts';
import { ThroughlineError } from './base/error.ts';
import type {
  AnswerGiven,
  CallEnd,
  MessageHeard,
  RunEnd,
  RunStart,
  StopReason,
  EventSink,
} from './base/event.ts';
import type { Json } from './base/model.ts';
import { execute } from './calls/execute.ts';
import { modelStep } from './loop/model-step.ts';
import { handoverOf } from './loop/run-config.ts';
import type { RunConfig } from './loop/run-config.ts';
import { lateEnd, runEnd } from './loop/run-end.ts';
import { RunState } from './loop/run-state.ts';
import { maxOutputMends, readTextOutput } from './loop/structured-output.ts';
import type { Recorder } from './record/recorder.ts';
import { toToolset } from './tool/toolset.ts';

/**
 * THE loop: ask the model, run the calls it makes, go round, until it makes none. It has no clock, no
 * random, no I/O of its own and waits for nothing but the recorder, so that the same loop runs in process,
 * from a log and on an engine. Rejects with a typed error, or with the signal's reason.
 */
export async function loop(
  config: RunConfig,
  recorder: Recorder,
  sink: EventSink,
): Promise<RunEnd> {
  const state = new RunState(config, recorder, sink);
  try {
    return await goRound(state);
  } catch (error) {
    // An answer that could not be recorded leaves its early reads behind.
    state.prefetch?.discard(error);
    throw error;
  }
}

async function goRound(state: RunState): Promise<RunEnd> {
  const { config, sink, runId } = state;
  await begin(state);
  let mends = 0;
  for (let step = 1; ; step++) {
    config.signal.throwIfAborted();
    sink.emit({ type: 'step.start', runId, step });
    state.toolset = toToolset(state.config.tools, state.toolset);
    const answer = await nextAnswer(state, step);
    if (answer.type === 'run.end') return answer;
    const { ends, pending } = await runCalls(state, answer);
    sink.emit({ type: 'step.end', runId, step });
    config.signal.throwIfAborted();
    const text = answer.message.content ?? '';
    if (pending.length > 0) {
      const end = { ...runEnd(state, 'suspended', text), pending };
      sink.emit(end); // not recorded: a resumed run goes on from here
      return end;
    }
    const output = givenOutput(config, answer, ends);
    mends += ends.filter(({ name, outcome }) => isOutput(config, name) && outcome !== 'ok').length;
    if (mends >= maxOutputMends) throw noOutput(mends);
    const done = output !== undefined || answer.atLimit !== undefined;
    if (!done && answer.message.tool_calls !== undefined) continue;
    const end = await state.record(`${step}/end`, ({ signal }) =>
      unlessAborted(signal, () => ending(state, answer, { given: output, mends, signal })),
    );
    if (end.type === 'run.end') return end;
    state.addMessages(end);
    if (end.source === 'note') mends++;
  }
}

async function begin(state: RunState): Promise<void> {
  const { config, runId } = state;
  const { agent, model, input } = config;
  const start = await state.record<RunStart>('start', async () => {
    return {
      type: 'run.start',
      runId,
      agent,
      model: model.id,
      startedAtMs: await state.deadline.start(),
    };
  });
  state.deadline.startedAt(start.startedAtMs);
  const heard = await state.record<MessageHeard>('input', async () => {
    return { type: 'message', runId, source: 'input', messages: input };
  });
  state.addMessages(heard);
}

/** The answer of a step, or the end of the run. What comes before it has a key of its own each. */
async function nextAnswer(state: RunState, step: number): Promise<AnswerGiven | RunEnd> {
  for (let before = 0; ; before++) {
    const key = before === 0 ? `${step}/answer` : `${step}/answer/${before}`;
    const event = await state.record(key, (scope) =>
      unlessAborted(scope.signal, () => modelStep(state, step, scope)),
    );
    switch (event.type) {
      case 'run.end':
        return event;
      case 'answer':
        state.addAnswer(event);
        return event;
      case 'message':
        state.addMessages(event);
        break;
      case 'history.compacted':
        state.compact(event);
        break;
    }
  }
}

/** Takes the answer's calls to their ends, except those that wait for a person. */
async function runCalls(state: RunState, answer: AnswerGiven) {
  const { recorder, config, toolset, prefetch } = state;
  const host = { ...config.host, deadline: state.deadline };
  try {
    const executed = await execute({
      answer,
      tools: toolset.tools,
      recorder,
      settle: (key, fn) => state.record(key, fn),
      host,
      prefetch,
    });
    if (executed.pending.length > 0) return executed;
    state.addCallEnds(answer, executed.ends);
    const ended = executed.ends.filter(({ outcome }) => outcome === 'ok');
    const [handover] = ended.flatMap(({ name }) => handoverOf(toolset.tools.get(name)) ?? []);
    if (handover !== undefined) state.handOver(handover);
    return executed;
  } finally {
    prefetch?.discard(undefined);
    state.prefetch = undefined;
  }
}

/** The end of the run, unless something was said meanwhile, or the answer is not of the form that was asked for. */
async function ending(
  state: RunState,
  answer: AnswerGiven,
  { given, mends, signal }: { given: Json | undefined; mends: number; signal: AbortSignal },
): Promise<RunEnd | MessageHeard> {
  const { config, runId } = state;
  const { atLimit: limit } = answer;
  const heard = limit ? undefined : (config.inbox.take('steer') ?? config.inbox.take('followUp'));
  if (heard !== undefined) return { type: 'message', runId, ...heard };
  const text = answer.message.content ?? '';
  const end = runEnd(state, limit === undefined ? stopReasonOf(answer) : 'limit', text);
  const limited = limit === undefined ? end : { ...end, limit };
  if (given === undefined && config.output !== undefined) {
    const { output } = config;
    const { deadline } = state;
    const read = await deadline.inTime(signal, () => readTextOutput(output, text));
    if (read === undefined) return { ...lateEnd(state, await deadline.elapsedMs()), text };
    if ('output' in read) return { ...limited, output: read.output };
    if (limit === undefined && mends + 1 >= maxOutputMends) throw noOutput(mends + 1);
    if (limit === undefined) {
      const messages = [{ role: 'user' as const, content: read.note }];
      return { type: 'message', runId, source: 'note', messages };
    }
  }
  config.inbox.close();
  return given === undefined ? limited : { ...limited, output: given };
}

/** The arguments of the call that gave the structured answer. */
function givenOutput(
  config: RunConfig,
  answer: AnswerGiven,
  ends: readonly CallEnd[],
): Json | undefined {
  const end = ends.find(({ name, outcome }) => isOutput(config, name) && outcome === 'ok');
  if (end === undefined) return undefined;
  const text = answer.message.tool_calls?.[end.call - 1]?.function.arguments;
  return JSON.parse(text ?? 'null') as Json;
}

function isOutput({ output }: RunConfig, name: string): boolean {
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
