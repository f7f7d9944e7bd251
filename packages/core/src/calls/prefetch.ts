import { canonical, readArguments } from '../answer/arguments.ts';
import type { GrowingCall } from '../answer/assemble.ts';
import { follow, orAborted } from '../base/abort.ts';
import type { ToolCall } from '../base/message.ts';
import type { Tool } from '../tool/tool.ts';
import { needsApproval } from './approve.ts';
import type { ApproveCall } from './approve.ts';
import { check } from './check.ts';
import { runCall } from './run-tool.ts';
import type { CallDeps, CallRef } from './call-deps.ts';
import type { Invoked } from './run-tool.ts';

interface Started {
  readonly name: string;
  readonly arguments: string;
  /** Known once another call is compared with it. */
  signature?: string;
  readonly ran: Promise<Invoked | undefined>;
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
    // A destructive call runs alone: nothing that stands behind it may run before it.
    if (tool?.effect === 'destructive') this.#barred = true;
    const approve: ApproveCall<never> | undefined = this.#host.approve;
    if (tool?.effect !== 'read' || this.#barred || needsApproval(tool, approve)) return;
    if (this.#started.has(ref.call)) return;
    if (call.arguments.trim() === '') return; // nothing may also mean nothing yet
    const read = readArguments(call.arguments);
    if ('reason' in read) return; // told when the whole answer is there
    const { name } = call;
    const { text } = read; // mended as it will be in the finished call
    if (this.#isTwin(name, text)) return;
    this.#following ??= follow(this.#signal);
    const { signal } = this.#following;
    this.#running++;
    const ran = this.#run({ name, text, ref: { ...ref, signal, early: true } });
    this.#started.set(ref.call, { name, arguments: text, ran });
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

  /** The run of this very call, if it was started. */
  take(callIndex: number, call: ToolCall): Promise<Invoked | undefined> | undefined {
    const started = this.#started.get(callIndex);
    const { name, arguments: text } = call.function;
    return started?.name === name && started.arguments === text ? started.ran : undefined;
  }

  /** Stops what still runs. What was taken and has ended is not touched. */
  discard(reason: unknown): void {
    if (this.#running > 0) this.#following?.abort(reason);
    this.#following?.release();
  }

  async #run(about: { name: string; text: string; ref: CallRef }): Promise<Invoked | undefined> {
    const call: ToolCall = {
      id: about.ref.callId,
      type: 'function',
      function: { name: about.name, arguments: about.text },
    };
    try {
      const answer = { finishReason: 'tool_calls' as const };
      const { signal } = about.ref;
      const placed = { call, callIndex: about.ref.call, answer };
      const checked = await orAborted(signal, check(placed, this.#tools));
      // A doubt is told when the whole answer is there.
      if (checked.reason !== undefined) return undefined;
      const { runId, step, call: number, callId } = about.ref;
      this.#host.sink.emit({
        type: 'call.start',
        runId,
        step,
        call: number,
        callId,
        name: about.name,
        arguments: about.text,
        effect: 'read',
      });
      return await runCall(checked.tool, checked.input, about.ref, this.#host);
    } catch {
      return undefined; // the call is then checked and run again from the whole answer, where errors count
    } finally {
      this.#running--;
    }
  }
}

/** The same for calls that say the same, however they are written. */
function signature(name: string, text: string): string {
  return `${name} ${canonical(text)}`;
}
