import type { CallPending, RunEvent } from '../base/event.ts';
import { follow } from '../base/abort.ts';
import { addUsage, noUsage } from '../base/model.ts';
import type { Usage } from '../base/model.ts';
import { inProcess, Suspension } from '../record/recorder.ts';
import type { Recorder } from '../record/recorder.ts';
import type { CallScope, NestedRun } from '../tool/tool.ts';
import type { CallDeps, CallRef } from './call-deps.ts';
import type { HeldSemaphores } from './semaphore.ts';

/**
 * Ties runs inside a call to its own run: recorded under it, told in it, counted in it, and under the say of its host. Each call
 * has one, and few have a run inside.
 */
export class CallInside implements NestedRun {
  /** What the runs inside have used; undefined where there were none. */
  usage: Usage | undefined;
  /** What the call holds of `maxParallelCalls`, once it has room. */
  held: HeldSemaphores | undefined;
  /** Stops what runs inside: with the run, and once the tool's own time is up. */
  signal: AbortSignal;
  readonly around: NestedRun['around'];
  readonly approve: NestedRun['approve'];
  readonly #name: string;
  readonly #ref: CallRef;
  readonly #host: CallDeps;

  constructor(name: string, ref: CallRef, host: CallDeps) {
    const { approve, around, context, held } = host;
    this.held = held;
    this.signal = ref.signal;
    this.around = around;
    this.approve =
      approve && ((asked, about) => approve(asked, { ...about, context: context as never }));
    this.#name = name;
    this.#ref = ref;
    this.#host = host;
  }

  recorder(): Recorder {
    const { early, signal, step, call } = this.#ref;
    return early ? inProcess({ signal }) : this.#host.recorder.child(`${step}/call/${call}`);
  }

  wants(type: RunEvent['type']): boolean {
    return this.#host.sink.wants(type);
  }

  emit(event: RunEvent): void {
    const { runId, step, call, callId } = this.#ref;
    const name = this.#name;
    this.#host.sink.emit({ type: 'call.event', runId, step, call, callId, name, event });
  }

  async isLate(): Promise<boolean> {
    return this.#host.deadline?.isUp() ?? false;
  }

  spend(usage: Usage): void {
    this.usage = addUsage(this.usage ?? noUsage, usage);
  }

  /** Runs an agent inside the call. */
  readonly run: CallScope['run'] = async (agent, task, options) => {
    const { context } = this.#host;
    const { signal, release } = follow([this.signal, signalOf(options)]);
    try {
      const given = { ...options, signal, context, nested: this };
      return settled(await agent.run(task, given as never));
    } finally {
      release();
    }
  };
}

/** A tool may stop an agent inside before its own time is up. */
function signalOf(options: object | undefined): AbortSignal | undefined {
  return (options as { readonly signal?: AbortSignal } | undefined)?.signal;
}

/** A run inside that waits for a person has the whole run wait. */
function settled<Result>(result: Result): Result {
  const { pending } = result as { readonly pending?: readonly CallPending[] };
  if (pending !== undefined && pending.length > 0) throw new Suspension(pending);
  return result;
}
