import { noUsage, ThroughlineError } from '@throughline/core';
import type { RecordedEvent, Session, SessionLine } from '@throughline/core';
import type { InspectedSessions } from './stored.ts';
import { placeOf } from './timeline.ts';

/** What a fork begins with. */
export interface ForkAt {
  readonly id: string;
  readonly newId: string;
  /** A line of the log: an answer is asked for again; a message or a call's end is kept, with other words where they are given. */
  readonly seq: number;
  readonly text?: string | undefined;
}

/**
 * A new session, open, whose last run stands where the line `seq` stands: `agent.resume` runs it on. The run up to there is recorded
 * anew under an id of its own, so that no call of it shares an idempotency key with the old one.
 */
export async function forkRun(sessions: InspectedSessions, at: ForkAt): Promise<Session> {
  const lines: SessionLine[] = [];
  for await (const batch of sessions.tail(at.id)) lines.push(...batch.lines);
  const chosen = lines.find(({ seq }) => seq === at.seq);
  if (chosen === undefined) throw bad(`The session "${at.id}" has no line ${at.seq}.`);
  const changed = at.text === undefined ? chosen : { ...chosen, event: withText(chosen, at.text) };
  const run = lines.filter(({ runId }) => runId === chosen.runId);
  const kept = keptOf(run, chosen).map((line) => (line === chosen ? changed : line));
  if (kept.length === 0) throw bad('There is nothing before this line to begin with.');
  const begin = run[0]?.seq ?? 1;
  if ((await sessions.info(at.newId)) !== undefined) {
    throw new ThroughlineError('session_exists', `There is a session "${at.newId}" already.`);
  }
  if (begin > 1) await sessions.fork(at.id, at.newId, { seq: begin - 1 });
  const session = await sessions.open(at.newId);
  try {
    await recordAgain(session, kept);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Up to the chosen line, and the other results of its step, since the model reads them with it. */
function keptOf(run: readonly SessionLine[], chosen: SessionLine): readonly SessionLine[] {
  const at = run.indexOf(chosen);
  const { event } = chosen;
  if (event.runId !== chosen.runId)
    throw bad('This is a step of an agent inside a call. Fork from a step of the run itself.');
  if (event.type === 'answer') return complete(run.slice(0, at));
  if (event.type !== 'message' && event.type !== 'call.end') {
    throw bad(`A fork begins at an answer, a message or a result, not at "${event.type}".`);
  }
  const next = run.findIndex(
    ({ event, runId }, index) => index > at && event.runId === runId && event.type === 'answer',
  );
  return complete(next === -1 ? run : run.slice(0, next));
}

/** Without the ends of the run, and without what was asked or begun of calls that have no result: they are asked about again. */
function complete(run: readonly SessionLine[]): readonly SessionLine[] {
  const ended = new Set(
    run.flatMap(({ event }) => (event.type === 'call.end' ? [placeOf(event)] : [])),
  );
  return run.filter(({ event, runId }) => {
    if (event.type === 'run.end' && event.runId === runId) return false;
    if (
      event.type === 'call.pending' ||
      event.type === 'call.decided' ||
      event.type === 'call.start'
    ) {
      return ended.has(placeOf(event));
    }
    return true;
  });
}

async function recordAgain(session: Session, kept: readonly SessionLine[]): Promise<void> {
  const runId = crypto.randomUUID();
  const run = session.begin(runId);
  for (const { runId: old, key, event } of kept) {
    const inside = event.runId.slice(old.length); // `/3/call/1` of an agent inside a call
    await run.record({ key, event: { ...event, runId: runId + inside } });
  }
  const answers = kept.filter(({ event }) => event.type === 'answer');
  const steps = answers.filter(({ event, runId: run }) => event.runId === run).length;
  await run.stop({
    type: 'run.end',
    runId,
    stopReason: 'aborted',
    text: '',
    steps,
    usage: noUsage,
  });
  run.release();
}

/** The event with other words. */
function withText({ event }: SessionLine, text: string): RecordedEvent {
  if (event.type === 'call.end') {
    const { output: _, ...rest } = event;
    return { ...rest, message: { ...event.message, content: text } };
  }
  if (event.type === 'message') {
    const [first, ...others] = event.messages;
    if (first?.role !== 'user' || others.length > 0)
      throw bad('Only a single message of the user can be changed.');
    return { ...event, messages: [{ ...first, content: text }] };
  }
  throw bad('What the model said is never changed. Change the message or the result before it.');
}

/** What a person asked for cannot be done. */
export function bad(message: string): ThroughlineError {
  return new ThroughlineError('invalid_input', message);
}
