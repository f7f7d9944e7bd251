import { within, orAborted, TimeUp } from '../base/abort.ts';
import { wordsOf, ToolError } from '../base/error.ts';
import type { CallOutcome } from '../base/event.ts';
import type { Content } from '../base/message.ts';
import type { Usage, Json } from '../base/model.ts';
import { Suspension } from '../record/recorder.ts';
import { isRepeatable } from '../tool/tool.ts';
import type { CallScope, Tool } from '../tool/tool.ts';
import { issueLines } from '../tool/schema/issue-lines.ts';
import { wrapping } from './around-call.ts';
import type { CallDeps, CallRef } from './call-deps.ts';
import { CallInside } from './nested-run.ts';
import { lateToBegin, notBegun } from './not-begun.ts';
import type { HeldSemaphores } from './semaphore.ts';
import { dataOf } from './thrown-error.ts';
import { asJson, cut, tellResult } from './tool-result.ts';
import { whenRoom } from './when-room.ts';

/**
 * Runs a checked and approved call as soon as there is room. Rejects only with a `Suspension`, when an agent
 * inside the call waits for a person.
 */
export async function runCall(
  tool: Tool,
  input: unknown,
  ref: CallRef,
  host: CallDeps,
): Promise<Invoked> {
  const { runId, step, call, callId, idempotencyKey, signal } = ref;
  const { sink, context } = host;
  const about = { runId, step, call, callId, name: tool.name };
  const inside = new CallInside(tool.name, ref, host);
  const { run } = inside;
  const scope: CallScope = { signal, context, callId, idempotencyKey, nested: inside, run };
  let begun = false;
  const work = async (held?: HeldSemaphores) => {
    inside.held = held;
    begun = true;
    const leaving = host.deadline?.leftMs();
    const leftMs = leaving && (await leaving);
    const timeoutMs =
      leftMs === undefined ? tool.timeoutMs : Math.min(tool.timeoutMs ?? leftMs, leftMs);
    const { around } = host;
    const wrapped =
      around && wrapping(around, { ...about, effect: tool.effect, input, signal }, tool.name);
    const invoked = await invoke({ tool, timeoutMs, wrapped }, input, scope, {
      begun: (bounded) => (inside.signal = bounded),
      progress(value) {
        if (!sink.wants('call.progress') || signal.aborted) return;
        const read = asJson(value);
        if ('json' in read) sink.emit({ type: 'call.progress', ...about, progress: read.json });
        else sink.emit({ type: 'warning', runId, step, message: notShown(tool, read.reason) });
      },
      error(thrown) {
        const error = sink.wants('call.error') ? dataOf(thrown) : undefined;
        if (error !== undefined) sink.emit({ type: 'call.error', ...about, error });
      },
    });
    const { usage } = inside;
    return usage === undefined ? invoked : { ...invoked, usage };
  };
  try {
    return await whenRoom(tool, { signal, host }, work);
  } catch (error) {
    if (error instanceof Suspension) throw error;
    // Thrown by what the tool threw: a proxy may do so when it is looked at.
    if (begun)
      return { outcome: 'failed', content: `The tool "${tool.name}" failed: ${wordsOf(error)}` };
    return error instanceof TimeUp
      ? { outcome: 'timeout', content: lateToBegin }
      : { outcome: 'aborted', content: notBegun };
  }
}

function notShown({ name }: Tool, reason: string): string {
  return `The tool "${name}" told progress that cannot be shown: ${reason}.`;
}

/** How one run of a tool came out. */
export interface Invoked {
  readonly outcome: CallOutcome;
  readonly content: Content;
  readonly output?: Json;
  readonly usage?: Usage;
}
/** A tool, and how it is run. */
interface Invocable {
  readonly tool: Tool;
  readonly timeoutMs: number | undefined;
  /** Does what stands around the tool's own work. */
  readonly wrapped?: ((work: () => Promise<unknown>) => Promise<unknown>) | undefined;
}

/** Who hears how it goes. */
interface Telling {
  /** The work begins, under a signal that also knows the tool's time. */
  begun(signal: AbortSignal): void;
  progress(value: unknown): void;
  error(thrown: unknown): void;
}

/**
 * Runs a tool on a valid input. Whatever happens becomes an outcome and words for the model;
 * only a `Suspension` passes through.
 * Settles as soon as the scope's signal is aborted or the tool's time is up, even if the tool ignores it.
 */
export async function invoke(
  { tool, timeoutMs, wrapped = (work) => work() }: Invocable,
  input: unknown,
  scope: CallScope,
  told: Telling,
): Promise<Invoked> {
  const { signal, release } = within(scope.signal, timeoutMs);
  try {
    signal.throwIfAborted();
    told.begun(signal);
    let ran: Promise<unknown> | undefined;
    const work = wrapped(() => {
      signal.throwIfAborted(); // what stands around it may come to it too late
      return (ran = run(tool, input, { ...scope, signal }, told.progress));
    });
    const invoked = work.then((output) => toInvoked(tool, output));
    return await orAborted(signal, invoked).catch(async (error: unknown) => {
      // An agent inside hears the signal, and what it records of its own calls belongs before the end of this one.
      if (signal.aborted && isRepeatable(tool)) await ran;
      throw error;
    });
  } catch (error) {
    if (error instanceof Suspension) throw error; // an agent inside waits for a person
    if (signal.aborted) return stopped(tool, signal.reason);
    const reason = cut(wordsOf(error), tool.maxResultChars);
    if (!(error instanceof ToolError)) told.error(error);
    const content =
      error instanceof ToolError ? reason : `The tool "${tool.name}" failed: ${reason}`;
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
  return 'reason' in result
    ? {
        outcome: 'failed',
        content: `The tool "${tool.name}" ran, but its result cannot be shown: ${result.reason}.`,
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
