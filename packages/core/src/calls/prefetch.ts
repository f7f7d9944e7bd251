import { canonical, readArguments } from '../answer/arguments.ts';
import type { GrowingCall } from '../answer/assemble.ts';
import { follow, orAborted } from '../base/abort.ts';
import type { ToolCall } from '../base/message.ts';
import { onAbort } from '../base/own-signal.ts';
import type { Tool } from '../tool/tool.ts';
import { needsApproval } from './approve.ts';
import type { ApproveCall } from './approve.ts';
import { checkCall } from './check-call.ts';
import type { SoundCall } from './check-call.ts';
import { runCall } from './run-tool.ts';
import type { CallDeps, CallRef } from './call-deps.ts';
import type { Invoked } from './run-tool.ts';

interface Started {
  readonly name: string;
  readonly arguments: string;
  /** Known once another call is compared with it. */
  signature?: string;
  ran: Promise<Invoked | undefined>;
  /** Known once it has run to its end. */
  sound?: SoundCall;
}

/**
 * Starts `read` calls while the model still writes the next one. A private matter of one answer: nothing of
 * it is recorded, and what it brings counts only for a finished call of the same name and argument bytes.
 */
export class Prefetch {
  readonly #started = new Map<number, Started>();
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #host: CallDeps;
  readonly #signal: AbortSignal;
  /** Made for the first call that starts. */
  #following: ReturnType<typeof follow> | undefined;
  /** The run's time, which counts once the answer is whole. */
  #late: ReturnType<typeof follow> | undefined;
  #barred = false;
  #running = 0;

  constructor(tools: ReadonlyMap<string, Tool>, host: CallDeps, signal: AbortSignal) {
    this.#tools = tools;
    this.#host = host;
    this.#signal = signal;
  }

  /** Starts the call if it may run before the answer is whole. */
  start(call: GrowingCall, ref: Omit<CallRef, 'signal'>): void {
    const tool = this.#tools.get(call.name);
    // A destructive call runs alone: nothing that stands behind it may run before it. An unknown one may yet be repaired to one.
    if (tool === undefined || tool.effect === 'destructive') this.#barred = true;
    const approve: ApproveCall<never> | undefined = this.#host.approve;
    if (tool?.effect !== 'read' || this.#barred || needsApproval(tool, approve)) return;
    if (this.#started.has(ref.call)) return;
    if (call.arguments.trim() === '') return; // nothing may also mean nothing yet
    const read = readArguments(call.arguments);
    if ('reason' in read) return; // told when the whole answer is there
    const { name } = call;
    const { text } = read; // mended as it will be in the finished call
    if (this.#isTwin(name, text)) return;
    this.#following ??= follow([this.#signal]);
    const { signal } = this.#following;
    this.#running++;
    const started: Started = { name, arguments: text, ran: unbegun };
    const { runId, step, call: place, callId, idempotencyKey } = ref;
    const early = { runId, step, call: place, callId, idempotencyKey, signal, early: true };
    started.ran = this.#run(started, early);
    this.#started.set(ref.call, started);
  }

  /** Whether a call that says the same was started already. */
  #isTwin(name: string, text: string): boolean {
    if (this.#started.size === 0) return false;
    const own = signature(name, text);
    for (const other of this.#started.values()) {
      if ((other.signature ??= signature(other.name, other.arguments)) === own) return true;
    }
    return false;
  }

  /** The run of this very call, if it was started. It has as many milliseconds left as the run has, where that has an end. */
  take(callIndex: number, call: ToolCall, leftMs?: number): Started['ran'] | undefined {
    const started = this.#of(callIndex, call);
    if (started === undefined) return undefined;
    if (leftMs !== undefined && this.#late === undefined) {
      const { signal } = (this.#late = follow([], leftMs));
      onAbort(signal, () => this.#following?.abort(signal.reason));
    }
    return started.ran;
  }

  /** What this very call was found to be before it ran, if it has: its schema need not be asked twice. */
  soundOf(callIndex: number, call: ToolCall): SoundCall | undefined {
    return this.#of(callIndex, call)?.sound;
  }

  #of(callIndex: number, call: ToolCall): Started | undefined {
    const started = this.#started.get(callIndex);
    const { name, arguments: text } = call.function;
    return started?.name === name && started.arguments === text ? started : undefined;
  }

  /** Stops what still runs. What was taken and has ended is not touched. */
  discard(reason: unknown): void {
    if (this.#running > 0) this.#following?.abort(reason);
    this.#following?.release();
    this.#late?.release();
  }

  async #run(started: Started, ref: CallRef): Promise<Invoked | undefined> {
    const { name, arguments: text } = started;
    const { runId, step, call: callIndex, callId, signal } = ref;
    const call: ToolCall = { id: callId, type: 'function', function: { name, arguments: text } };
    try {
      const answer = { finishReason: 'tool_calls' as const };
      const placed = { call, callIndex, answer };
      const checked = await orAborted(signal, checkCall(placed, this.#tools));
      // A doubt is told when the whole answer is there.
      if (checked.reason !== undefined) return undefined;
      this.#host.sink.emit({
        type: 'call.start',
        runId,
        step,
        call: callIndex,
        callId,
        name,
        arguments: text,
        effect: 'read',
      });
      const invoked = await runCall(checked.tool, checked.input, ref, this.#host);
      started.sound = checked;
      return invoked;
    } catch {
      return undefined; // the call is then checked and run again from the whole answer, where errors count
    } finally {
      this.#running--;
    }
  }
}

const unbegun = Promise.resolve(undefined);

/** The same for calls that say the same, however they are written. */
function signature(name: string, text: string): string {
  return `${name} ${canonical(text)}`;
}
