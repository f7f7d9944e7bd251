import { within, orAborted, TimeUp } from '../base/abort.ts';
import { wordsOf, ToolError } from '../base/error.ts';
import type { CallOutcome, CallPending, EventSink, ThrownError } from '../base/event.ts';
import type { Content } from '../base/message.ts';
import { addUsage, noUsage } from '../base/model.ts';
import type { Usage, Json } from '../base/model.ts';
import type { Deadline } from '../limits/deadline.ts';
import { inProcess, Suspension } from '../record/recorder.ts';
import type { Recorder } from '../record/recorder.ts';
import { isRepeatable } from '../tool/tool.ts';
import type { NestedRun, Tool, CallScope } from '../tool/tool.ts';
import type { ApproveCall } from './approve.ts';
import { issueLines } from './check.ts';
import type { RepairCall } from './check.ts';
import type { Slots } from './slots.ts';
import { asJson, cut, tellResult } from './tool-result.ts';

/** What calls need of the run and its agent. */
export interface CallDeps {
  readonly sink: EventSink;
  readonly recorder: Recorder;
  readonly context: unknown;
  readonly approve: ApproveCall<never> | undefined;
  readonly repairCall: RepairCall | undefined;
  /** The run's time; absent for what starts before the answer is whole. */
  readonly deadline?: Deadline;
  /** How many calls may run at once in the agent. */
  readonly slots: Slots | undefined;
  /** How many calls of one tool may run at once in this agent. */
  slotsOf(tool: Tool): Slots | undefined;
}

/** Which call this is. */
export interface CallPlace {
  readonly runId: string;
  readonly step: number;
  /** Counted from 1. */
  readonly call: number;
  readonly callId: string;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /** Started before the answer was whole: nothing of it may be recorded. */
  readonly early?: boolean;
}

/**
 * Runs a checked and approved call as soon as there is room. Rejects only with a `Suspension`, when an agent
 * inside the call waits for a person.
 */
export async function runCall(
  tool: Tool,
  input: unknown,
  place: CallPlace,
  host: CallDeps,
): Promise<Invoked> {
  const { runId, step, call, callId, idempotencyKey, signal } = place;
  const { sink, context, slots } = host;
  const about = { runId, step, call, callId, name: tool.name };
  let usage: Usage | undefined;
  const nested: NestedRun = {
    recorder: () =>
      place.early ? inProcess({ signal }) : host.recorder.child(`${step}/call/${call}`),
    wants: (type) => sink.wants(type),
    emit: (event) => sink.emit({ type: 'call.event', ...about, event }),
    spend: (more) => (usage = addUsage(usage ?? noUsage, more)),
    approve:
      host.approve &&
      ((asked, about) => host.approve?.(asked, { ...about, context: context as never })),
  };
  const runInside: CallScope['run'] = async (agent, task, options) => {
    const given = { ...options, signal, context, nested };
    return settled(await agent.run(task, given as never));
  };
  const scope = { signal, context, callId, idempotencyKey, nested, run: runInside };
  let begun = false;
  const work = async () => {
    begun = true;
    const leftMs = await host.deadline?.leftMs();
    const timeoutMs =
      leftMs === undefined ? tool.timeoutMs : Math.min(tool.timeoutMs ?? leftMs, leftMs);
    const invoked = await invoke({ tool, timeoutMs }, input, scope, {
      progress(value) {
        if (!sink.wants('call.progress') || signal.aborted) return;
        const read = asJson(value);
        if ('json' in read) sink.emit({ type: 'call.progress', ...about, progress: read.json });
        else sink.emit({ type: 'warning', runId, step, message: notShown(tool, read.problem) });
      },
      error(thrown) {
        const error = sink.wants('call.error') ? dataOf(thrown) : undefined;
        if (error !== undefined) sink.emit({ type: 'call.error', ...about, error });
      },
    });
    return usage === undefined ? invoked : { ...invoked, usage };
  };
  const inRun = slots === undefined ? work : () => slots.use(signal, work);
  const ofTool = host.slotsOf(tool);
  try {
    return await (ofTool === undefined ? inRun() : ofTool.use(signal, inRun));
  } catch (error) {
    if (error instanceof Suspension) throw error;
    // Thrown by what the tool threw: a proxy may do so when it is looked at.
    if (begun)
      return { outcome: 'failed', content: `The tool "${tool.name}" failed: ${wordsOf(error)}` };
    return { outcome: 'aborted', content: 'The run was stopped before this call began.' };
  }
}

/** A run inside that waits for a person has the whole run wait. */
function settled<Result>(result: Result): Result {
  const { pending } = result as { readonly pending?: readonly CallPending[] };
  if (pending !== undefined && pending.length > 0) throw new Suspension(pending);
  return result;
}

function notShown({ name }: Tool, problem: string): string {
  return `The tool "${name}" told progress that cannot be shown: ${problem}.`;
}

/** Undefined for what cannot be looked at: a proxy may throw at that. */
function dataOf(thrown: unknown): ThrownError | undefined {
  try {
    if (!(thrown instanceof Error)) return { name: typeof thrown, message: wordsOf(thrown) };
    const { name, message, stack } = thrown;
    const data = { name: String(name), message: String(message) };
    return stack === undefined ? data : { ...data, stack: String(stack) };
  } catch {
    return undefined;
  }
}
/** How one run of a tool came out. */
export interface Invoked {
  readonly outcome: CallOutcome;
  readonly content: Content;
  readonly output?: Json;
  readonly usage?: Usage;
}
/**
 * Runs a tool on a valid input. Whatever happens becomes an outcome and words for the model;
 * only a `Suspension` passes through.
 * Settles as soon as the scope's signal is aborted or the tool's time is up, even if the tool ignores it.
 */
export async function invoke(
  { tool, timeoutMs }: { readonly tool: Tool; readonly timeoutMs: number | undefined },
  input: unknown,
  scope: CallScope,
  told: { readonly progress: (value: unknown) => void; readonly error: (thrown: unknown) => void },
): Promise<Invoked> {
  const { signal, release } = within(scope.signal, timeoutMs);
  try {
    signal.throwIfAborted();
    const work = run(tool, input, { ...scope, signal }, told.progress).then((output) =>
      toInvoked(tool, output),
    );
    // An agent inside hears the signal, and what it records of its own calls belongs before the end of this one.
    return await (isRepeatable(tool) ? work : orAborted(signal, work));
  } catch (error) {
    if (error instanceof Suspension) throw error; // an agent inside waits for a person
    if (signal.aborted) return stopped(tool, signal.reason);
    const why = cut(wordsOf(error), tool.maxResultChars);
    if (!(error instanceof ToolError)) told.error(error);
    const content = error instanceof ToolError ? why : `The tool "${tool.name}" failed: ${why}`;
    return { outcome: 'failed', content };
  } finally {
    release();
  }
}
async function run(
  tool: Tool,
  input: unknown,
  scope: CallScope,
  onProgress: (progress: unknown) => void,
): Promise<unknown> {
  const output: unknown = await tool.execute(input, scope as CallScope<never>);
  if (!isGenerator(output)) return output;
  for (let yields = 1; ; yields++) {
    const next = await output.next();
    if (next.done === true) return next.value;
    // A generator that never waits would leave no room for a timer or an abort.
    if (yields % 64 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    if (scope.signal.aborted) {
      // Not waited for: a generator that never yields again could not be stopped either.
      void leave(output);
      throw scope.signal.reason;
    }
    onProgress(next.value);
  }
}
async function leave(output: AnyGenerator): Promise<void> {
  try {
    await output.return(undefined);
  } catch {
    // its clean-up failed when nobody waited for it any more
  }
}
type AnyGenerator = AsyncGenerator<unknown, unknown, void> | Generator<unknown, unknown, void>;
function isGenerator(value: unknown): value is AnyGenerator {
  const kind = Object.prototype.toString.call(value);
  return kind === '[object AsyncGenerator]' || kind === '[object Generator]';
}
async function toInvoked(tool: Tool, output: unknown): Promise<Invoked> {
  const parsed = (await tool.outputSchema?.parse(output)) ?? { value: output };
  if (parsed.issues !== undefined) {
    return {
      outcome: 'failed',
      content: `The tool "${tool.name}" ran, but its result does not fit its own output schema, so it is not shown.\n${issueLines(parsed.issues)}`,
    };
  }
  const result = tellResult(tool, parsed.value);
  return 'problem' in result
    ? {
        outcome: 'failed',
        content: `The tool "${tool.name}" ran, but its result cannot be shown: ${result.problem}.`,
      }
    : { outcome: 'ok', ...result };
}
function stopped(tool: Tool, reason: unknown): Invoked {
  const unsure = tool.effect === 'read' ? '' : ' It may or may not have taken effect.';
  if (reason instanceof TimeUp) {
    return {
      outcome: 'timeout',
      content: `The tool "${tool.name}" did not answer within ${reason.timeoutMs} ms and was given up.${unsure}`,
    };
  }
  return { outcome: 'aborted', content: `The run was stopped before this call ended.${unsure}` };
}
