import type { CallPending, RecordedEvent } from '../base/event.ts';

/** The calls that wait for a person after these events, those of agents inside calls too. A call that ends takes with it what waits inside. */
export function pendingCalls(events: Iterable<RecordedEvent>): readonly CallPending[] {
  const waiting = new Map<string, CallPending>();
  for (const event of events) {
    if (event.type === 'call.pending') waiting.set(placeOf(event), event);
    if (event.type === 'call.decided') waiting.delete(placeOf(event));
    if (event.type !== 'call.end') continue;
    const place = placeOf(event);
    for (const one of waiting.keys()) {
      if (one === place || one.startsWith(`${place}/`)) waiting.delete(one);
    }
  }
  return [...waiting.values()];
}

/** A run inside a call has the place of that call as its id. */
function placeOf({ runId, step, call }: Pick<CallPending, 'runId' | 'step' | 'call'>): string {
  return `${runId}/${step}/call/${call}`;
}
