import { placeOf } from '../base/call-place.ts';
import type { CallPending, LogEntry } from '../base/event.ts';

/** The calls that wait for a person after all this, those of agents inside calls too. A call that ends takes with it what waits inside. */
export function pendingCalls(log: Iterable<Pick<LogEntry, 'event'>>): readonly CallPending[] {
  const waiting = new Map<string, CallPending>();
  for (const { event } of log) {
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
