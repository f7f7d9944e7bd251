import { Suspension } from '@throughline/core';
import type { CallPending, RecordedEvent } from '@throughline/core';
import { maxEntryBytes, tooLarge } from './entry-size.ts';
import { toFailure } from './failure.ts';
import type { Failure } from './failure.ts';
import type { InsideLog } from './inside-log.ts';

/** What a step came to, as it stands in the journal. */
export type Entry =
  /** `inside`: a run inside the call has a log of its own, which is of no use any more. */
  | { readonly event: RecordedEvent; readonly inside?: true }
  /** It failed. It is not tried again: that is for the caller of the run to say. */
  | { readonly failed: Failure }
  /** A run inside the call waits for a person. `settled` is how many entries its log has. */
  | { readonly suspended: readonly CallPending[]; readonly settled: number };

/** What `work` comes to. Never rejects. */
export async function entryOf(work: () => Promise<RecordedEvent>): Promise<Entry> {
  try {
    return { event: await work() };
  } catch (error) {
    return { failed: toFailure(error) };
  }
}

/** The same for a call, in which an agent may run. */
export async function entryOfCall(
  work: () => Promise<RecordedEvent>,
  inside: InsideLog,
): Promise<Entry> {
  try {
    const event = await work();
    return { event, ...(inside.used && { inside: true }) };
  } catch (error) {
    if (!(error instanceof Suspension)) return { failed: toFailure(error) };
    return { suspended: error.pending, settled: await inside.count() };
  }
}

/** The bytes of an entry. Never throws: one that is too large, or no JSON, becomes the failure that says so. */
export function encode(key: string, entry: Entry): Uint8Array {
  try {
    const bytes = new TextEncoder().encode(JSON.stringify(entry));
    if (bytes.length <= maxEntryBytes) return bytes;
    throw tooLarge(`The result of the step "${key}"`, bytes.length);
  } catch (error) {
    return new TextEncoder().encode(JSON.stringify({ failed: toFailure(error) }));
  }
}

export function decode(bytes: Uint8Array): Entry {
  return JSON.parse(new TextDecoder().decode(bytes)) as Entry;
}
