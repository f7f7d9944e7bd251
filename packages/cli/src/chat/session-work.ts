import { compact } from '@throughline/core';
import type { Message, Model, Session } from '@throughline/core';
import { eventLines } from '../sessions/read-session.ts';

/** Where the last run of a session begins, and what it was asked. Undefined where there is none. */
export async function lastRun(
  session: Session,
): Promise<{ readonly seq: number; readonly input: readonly Message[] } | undefined> {
  let found: { seq: number; input: readonly Message[]; runId: string } | undefined;
  for await (const { seq, runId, event } of eventLines(session)) {
    if (event.runId !== runId) continue; // of an agent inside a call
    if (event.type === 'run.start') found = { seq, input: [], runId };
    if (event.type === 'message' && event.source === 'input' && found?.runId === runId) {
      found.input = event.messages;
    }
  }
  return found === undefined || found.input.length === 0 ? undefined : found;
}

/** Has the model sum up all but the last steps of a session, and stores that. Returns what was done; undefined where nothing can be. */
export async function compactSession(
  session: Session,
  model: Model,
  signal: AbortSignal,
): Promise<string | undefined> {
  const shorten = compact.summarise({ keep: 1 });
  const shorter = await shorten(session.messages, { model, signal });
  if (shorter === undefined) return undefined;
  const run = session.begin(crypto.randomUUID());
  try {
    const { messages, note, usage } = shorter;
    const event = { type: 'history.compacted', runId: run.runId, step: 1, messages, note } as const;
    await run.record({ key: 'compact', event: usage === undefined ? event : { ...event, usage } });
    return note;
  } finally {
    run.release();
  }
}
