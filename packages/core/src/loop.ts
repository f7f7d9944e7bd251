import { unlessAborted } from './base/abort.ts';
import type { AnswerGiven, MessageHeard, RunEnd, RunStart, StopReason } from './base/event.ts';
import type { Json } from './base/model.ts';
import { execute } from './calls/execute.ts';
import type { Executed } from './calls/execute.ts';
import type { Deadline } from './limits/deadline.ts';
import { modelStep } from './loop/model-step.ts';
import { handoverOf } from './loop/run-config.ts';
import type { RunConfig } from './loop/run-config.ts';
import { lateEnd, runEnd } from './loop/run-end.ts';
import { RunState } from './loop/run-state.ts';
import { StructuredOutput } from './loop/structured-output.ts';
import { toToolset } from './tool/toolset.ts';

/**
 * THE loop: asks the model, runs the calls of its answer, and asks again, until an answer makes no call. It owns the order of
 * a run's steps and their keys in the record. It does not own how a step is done: `loop/` asks the model, `calls/` runs calls.
 *
 * It has no clock, no random source and no I/O of its own, and waits for nothing but the recorder. So the same loop runs in one
 * process, from a log, and on a durable engine. Rejects with a typed error, or with the signal's reason.
 */
export async function loop(config: RunConfig, deadline: Deadline): Promise<RunEnd> {
  const state = new RunState(config, deadline);
  try {
    await recordStart(state);
    return await runSteps(state);
  } catch (error) {
    // An answer that could not be recorded leaves its early reads behind.
    state.prefetch?.discard(error);
    throw error;
  }
}

async function recordStart(state: RunState): Promise<void> {
  const { config, runId } = state;
  const { agent, model, input } = config;
  const start = await state.record<RunStart>('start', async () => {
    const startedAtMs = await state.deadline.start();
    return { type: 'run.start', runId, agent, model: model.id, startedAtMs };
  });
  state.deadline.startedAt(start.startedAtMs);
  const heard = await state.record<MessageHeard>('input', async () => {
    return { type: 'message', runId, source: 'input', messages: input };
  });
  state.addMessages(heard);
}

async function runSteps(state: RunState): Promise<RunEnd> {
  const { config, sink, runId } = state;
  const structured = new StructuredOutput(config.output);
  for (let step = 1; ; step++) {
    config.signal.throwIfAborted();
    sink.emit({ type: 'step.start', runId, step });
    state.toolset = toToolset(state.config.tools, state.toolset);
    const answer = await answerOf(state, step);
    if (answer.type === 'run.end') return answer;
    const { ends, pending } = await runCalls(state, answer);
    sink.emit({ type: 'step.end', runId, step });
    config.signal.throwIfAborted();
    if (pending.length > 0) {
      const end = { ...runEnd(state, 'suspended', textOf(answer)), pending };
      sink.emit(end); // not recorded: a resumed run goes on from here
      return end;
    }
    const output = structured.fromCalls(answer, ends);
    const isLast = output !== undefined || answer.atLimit !== undefined;
    if (!isLast && answer.message.tool_calls !== undefined) continue;
    const end = await state.record(`${step}/end`, ({ signal }) =>
      unlessAborted(signal, () => endOrMessage(state, answer, { output, structured, signal })),
    );
    if (end.type === 'run.end') return end;
    state.addMessages(end);
    if (end.source === 'note') structured.addCorrection();
  }
}

/** The answer of a step, or the end of the run. Whatever comes before the answer has a key of its own. */
async function answerOf(state: RunState, step: number): Promise<AnswerGiven | RunEnd> {
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
async function runCalls(state: RunState, answer: AnswerGiven): Promise<Executed> {
  const { recorder, config, toolset, prefetch, deadline } = state;
  try {
    const executed = await execute({
      answer,
      tools: toolset.tools,
      recorder,
      settle: (key, fn) => state.record(key, fn),
      host: { ...config.host, deadline },
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

interface Ending {
  /** What a call of the answer gave as the structured output. */
  readonly output: Json | undefined;
  readonly structured: StructuredOutput;
  readonly signal: AbortSignal;
}

/** The end of the run; or a message, where the host said something meanwhile or the model must correct its output. */
async function endOrMessage(
  state: RunState,
  answer: AnswerGiven,
  { output, structured, signal }: Ending,
): Promise<RunEnd | MessageHeard> {
  const { runId, deadline } = state;
  const { inbox } = state.config;
  const { atLimit: limit } = answer;
  const heard = limit ? undefined : (inbox.take('steer') ?? inbox.take('followUp'));
  if (heard !== undefined) return { type: 'message', runId, ...heard };
  const text = textOf(answer);
  const read =
    output === undefined
      ? await deadline.inTime(signal, () => structured.fromText(text, limit !== undefined))
      : { output };
  if (read === undefined) return { ...lateEnd(state, await deadline.elapsedMs()), text };
  if ('note' in read) {
    const messages = [{ role: 'user' as const, content: read.note }];
    return { type: 'message', runId, source: 'note', messages };
  }
  inbox.close();
  const end = runEnd(state, limit === undefined ? stopReasonOf(answer) : 'limit', text);
  return { ...end, ...(limit && { limit }), ...read };
}

function textOf({ message }: AnswerGiven): string {
  return message.content ?? '';
}

function stopReasonOf({ finishReason }: AnswerGiven): StopReason {
  return finishReason === 'length' || finishReason === 'content_filter' ? finishReason : 'answer';
}
