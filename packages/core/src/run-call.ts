import type { ApproveCall } from './approve.ts';
import type { RepairCall } from './check.ts';
import { wordsOf } from './error.ts';
import type { Telling, ThrownError } from './event.ts';
import { invoke } from './invoke.ts';
import type { Invoked } from './invoke.ts';
import type { Usage } from './model.ts';
import { inProcess, Suspension } from './recorder.ts';
import type { Recorder } from './recorder.ts';
import { asJson } from './result.ts';
import type { Slots } from './slots.ts';
import { timeLeft } from './time-left.ts';
import type { NestedRun, Tool } from './tool.ts';
import { addUsage, noUsage } from './usage.ts';

/** What calls need of the run and its agent. */
export interface CallHost {
  readonly telling: Telling;
  readonly recorder: Recorder;
  readonly context: unknown;
  readonly approve: ApproveCall<never> | undefined;
  readonly repairCall: RepairCall | undefined;
  /** When the run's time is up, in milliseconds since 1970; undefined where it has no end. */
  readonly endsAtMs?: number | undefined;
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
  host: CallHost,
): Promise<Invoked> {
  const { runId, step, call, callId, idempotencyKey, signal } = place;
  const { telling, context, slots } = host;
  const about = { runId, step, call, callId, name: tool.name };
  let usage: Usage | undefined;
  const nested: NestedRun = {
    recorder: () =>
      place.early ? inProcess({ signal }) : host.recorder.child(`${step}/call/${call}`),
    wants: (type) => telling.wants(type),
    tell: (event) => telling.tell({ type: 'call.event', ...about, event }),
    spend: (more) => (usage = addUsage(usage ?? noUsage, more)),
  };
  const scope = { signal, context, callId, idempotencyKey, nested };
  let begun = false;
  const work = async () => {
    begun = true;
    const leftMs = await timeLeft(host);
    const timeoutMs =
      leftMs === undefined ? tool.timeoutMs : Math.min(tool.timeoutMs ?? leftMs, leftMs);
    const invoked = await invoke({ tool, timeoutMs }, input, scope, {
      progress(value) {
        if (!telling.wants('call.progress') || signal.aborted) return;
        const read = asJson(value);
        if ('json' in read) telling.tell({ type: 'call.progress', ...about, progress: read.json });
        else telling.tell({ type: 'warning', runId, step, message: notShown(tool, read.problem) });
      },
      error(thrown) {
        const error = telling.wants('call.error') ? dataOf(thrown) : undefined;
        if (error !== undefined) telling.tell({ type: 'call.error', ...about, error });
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
