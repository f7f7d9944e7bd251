import type { Run, RunEvent, Session, SessionLine } from '@throughline/core';
import { checkOptions, ThroughlineError } from '@throughline/core';
import { decisionsOn, saidIn } from './decisions.ts';
import { failureWords } from './http-error.ts';
import { LiveRun } from './live-run.ts';
import { badRequest, checkMethod, jsonBody, sessionIdIn } from './request-body.ts';
import type { Fields } from './request-body.ts';
import type { RunReader, Told } from './run-reader.ts';
import type { Ask, ServedRuns, WebHandler } from './served-runs.ts';
import { linesOf } from './session-lines.ts';
import { streamHeaders, streamResponse } from './stream-response.ts';
import type { StreamOptions, Wire } from './stream-response.ts';

export interface EventsOptions {
  /**
   * What the client is shown of an event; `undefined` shows nothing. Default: all but `call.error` and `warning`, whose words are meant for
   * the host, with the reason of a retry and the failure of a run in words that name no host and no file.
   */
  readonly show?: (event: RunEvent) => RunEvent | undefined;
}

/** So many lines are sent at once to a reader that comes back; it asks again for the rest. */
const maxLines = 1_000;

/**
 * Serves runs as server-sent events, each an event of ours: `id` is its line in the session, `event` its type, `data` its JSON.
 *
 * - `POST { session, input }` starts a run, `POST { session, decisions: [{ id, approve: true }] }` resumes one.
 * - `GET ?session=…` with `Last-Event-ID` gives what is recorded since that line, then the run under way, if there is one in this
 *   process. While another process has the session, it gives what is stored and has the `EventSource` ask again, if the store has
 *   `read`. With nothing to give it answers 204, at which an `EventSource` stops.
 */
export function events<Context>(
  runs: ServedRuns<Context>,
  options: EventsOptions = {},
): WebHandler {
  checkOptions('events()', options, { show: true });
  const wire = () => eventWire(options.show ?? shownToAll);
  return (request) =>
    runs.respond(async () => {
      checkMethod(request, ['GET', 'POST']);
      const how = { signal: request.signal, keepAliveMs: runs.keepAliveMs };
      if (request.method === 'GET') return comeBack(request, runs, { wire, how });
      const body = await jsonBody(request, runs.maxBodyBytes);
      const admitted = await runs.admit(request, sessionIdIn(body['session'], 'session'));
      const { reader } = await runs.begin(admitted, (session) => askIn(body, session, runs));
      return streamResponse(reader, wire(), how);
    });
}

/** A run that the host has started, as server-sent events without ids. The run is aborted when the client leaves. */
export function eventsResponse(
  run: Run<unknown>,
  options: EventsOptions & Partial<StreamOptions> = {},
): Response {
  const { show = shownToAll, keepAliveMs = 15_000, ...how } = options;
  const live = new LiveRun({ run, whenLeft: 'abort' });
  return streamResponse(live.read(), eventWire(show), { ...how, keepAliveMs });
}

async function comeBack<Context>(
  request: Request,
  runs: ServedRuns<Context>,
  { wire, how }: { readonly wire: () => Wire; readonly how: StreamOptions },
): Promise<Response> {
  const id = sessionIdIn(new URL(request.url).searchParams.get('session'), 'The parameter session');
  const from = lastEventId(request) + 1;
  const { session } = await runs.admit(request, id);
  let lines: readonly SessionLine[] = [];
  const missed = async (open: Session, upTo: number) => {
    if (from <= upTo) lines = await linesOf(open.log.read(from), { upTo, max: maxLines });
    return lines;
  };
  let reader: RunReader | undefined;
  try {
    reader = await runs.visit(
      session,
      (live) => live.join(missed),
      async (open) => void (await missed(open, open.lastSeq)),
    );
  } catch (error) {
    const stored = isLocked(error) ? runs.readStored(session, from) : undefined;
    if (stored === undefined) throw error;
    return linesResponse(await linesOf(stored, { max: maxLines }), wire(), askAgain);
  }
  if (reader !== undefined && lines.length < maxLines) return streamResponse(reader, wire(), how);
  reader?.leave(); // it comes back for the rest
  if (lines.length === 0) return new Response(null, { status: 204 });
  return linesResponse(lines, wire());
}

/** What a reader is told while another process runs the session: an `EventSource` asks again after this, from its last line on. */
const askAgain = 'retry: 1000\n\n';

function linesResponse(lines: readonly SessionLine[], wire: Wire, begin = ''): Response {
  const told = lines.map(({ event, seq }) => wire.take({ event, id: seq }));
  const headers = { ...streamHeaders, 'cache-control': 'no-store' };
  return new Response(begin + told.join(''), { headers });
}

function isLocked(error: unknown): boolean {
  return error instanceof ThroughlineError && error.code === 'session_locked';
}

function askIn<Context>(body: Fields, session: Session, runs: ServedRuns<Context>): Ask {
  const { input, decisions } = body;
  if (decisions !== undefined && input === undefined) {
    return { decisions: decisionsOn(session.pending, saidIn(decisions), runs) };
  }
  if (typeof input !== 'string' || input.trim() === '' || decisions !== undefined) {
    throw badRequest('The body needs either input, a text, or decisions, a list.');
  }
  return { input: [{ role: 'user', content: input }] };
}

function lastEventId(request: Request): number {
  const given = request.headers.get('last-event-id') ?? '0';
  const id = /^\d{1,15}$/.test(given) ? Number(given) : undefined;
  if (id === undefined) throw badRequest('Last-Event-ID must be the number of a line.');
  return id;
}

function eventWire(show: (event: RunEvent) => RunEvent | undefined): Wire {
  return {
    begin: () => '',
    take: ({ event, id }: Told) => {
      const shown = show(event);
      const mark = id === undefined ? '' : `id: ${id}\n`;
      // A line that is not shown still counts for a reader that comes back.
      if (shown === undefined) return mark === '' ? '' : `${mark}\n`;
      return `${mark}event: ${shown.type}\ndata: ${JSON.stringify(shown)}\n\n`;
    },
    end: () => '',
  };
}

function shownToAll(event: RunEvent): RunEvent | undefined {
  switch (event.type) {
    case 'call.error':
    case 'warning':
      return undefined;
    case 'step.retry':
      return { ...event, reason: 'The answer broke off.' };
    case 'call.event': {
      const inner = shownToAll(event.event);
      return inner && { ...event, event: inner };
    }
    case 'run.end': {
      const { error } = event;
      return error === undefined
        ? event
        : { ...event, error: { ...error, message: failureWords(error.code) } };
    }
  }
  return event;
}
