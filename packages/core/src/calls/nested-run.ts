import type { CallPending } from '../base/event.ts';
import { addUsage, noUsage } from '../base/model.ts';
import type { Usage } from '../base/model.ts';
import { inProcess, Suspension } from '../record/recorder.ts';
import type { CallScope, NestedRun } from '../tool/tool.ts';
import type { CallDeps, CallRef } from './call-deps.ts';
import type { HeldSlots } from './slots.ts';

/** The ties between a call and the runs inside it, and what these have come to. */
export interface CallInside {
  readonly scope: Pick<CallScope, 'nested' | 'run'>;
  /** What the runs inside have used; undefined where there were none. */
  readonly usage: Usage | undefined;
  /** What the call holds of `maxParallelCalls`, once it has room. */
  held: HeldSlots | undefined;
}

/** Ties runs inside the call to its own run: recorded under it, told in it, counted in it, and under the say of its host. */
export function callInside(name: string, ref: CallRef, host: CallDeps): CallInside {
  const { runId, step, call, callId, signal } = ref;
  const { sink, recorder, context, approve, around } = host;
  const inside: { usage: Usage | undefined; held: HeldSlots | undefined } = {
    usage: undefined,
    held: host.held,
  };
  const nested: NestedRun = {
    recorder: () => (ref.early ? inProcess({ signal }) : recorder.child(`${step}/call/${call}`)),
    wants: (type) => sink.wants(type),
    emit: (event) => sink.emit({ type: 'call.event', runId, step, call, callId, name, event }),
    spend: (more) => (inside.usage = addUsage(inside.usage ?? noUsage, more)),
    get held() {
      return inside.held;
    },
    around,
    approve: approve && ((asked, about) => approve(asked, { ...about, context: context as never })),
  };
  const run: CallScope['run'] = async (agent, task, options) => {
    const given = { ...options, signal: signalOf(options) ?? signal, context, nested };
    return settled(await agent.run(task, given as never));
  };
  return Object.assign(inside, { scope: { nested, run } });
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
