import { ThroughlineError } from '@throughline/core';
import type { CallDecision, Message, Session, SessionLine } from '@throughline/core';
import { errorResponse, HttpError } from './http-error.ts';
import { LiveRun } from './live-run.ts';
import type { RunReader } from './run-reader.ts';
import { checkServeOptions } from './serve-options.ts';
import type { Admitted, ServeOptions } from './serve-options.ts';

/** Takes a request and answers it, as in any runtime that speaks `fetch`. `nodeHandler` makes a `node:http` listener of it. */
export type WebHandler = (request: Request) => Promise<Response>;

/** What a request asks of a session. */
export type Ask =
  | { readonly input: readonly Message[] }
  | { readonly decisions: readonly CallDecision[] };

/** Runs of one agent in the sessions of one store, for handlers that may share them. Throws `invalid_option`. */
export function servedRuns<Context = unknown>(options: ServeOptions<Context>): ServedRuns<Context> {
  return new ServedRuns(options);
}

/**
 * Owns which runs are under way in this process, and opens and closes their sessions. It does not own how a request is read and how a run is
 * written: each protocol has a file.
 */
export class ServedRuns<Context = unknown> {
  readonly keepAliveMs: number;
  readonly maxBodyBytes: number;
  readonly #options: ServeOptions<Context>;
  readonly #live = new Map<string, LiveRun>();
  /** When the last of those that wait to open or read a session is done with it. */
  readonly #turns = new Map<string, Promise<void>>();
  #closed = false;

  constructor(options: ServeOptions<Context>) {
    checkServeOptions(options);
    this.#options = options;
    this.keepAliveMs = options.keepAliveMs ?? 15_000;
    this.maxBodyBytes = options.maxBodyBytes ?? 4 * 1024 * 1024;
  }

  /** How many runs are under way. */
  get size(): number {
    return this.#live.size;
  }

  /** The run under way in a session; undefined where there is none in this process. */
  live(session: string): LiveRun | undefined {
    return this.#live.get(session);
  }

  /** Aborts the run under way in a session, e.g. for a stop button. False where there is none. */
  abort(session: string, reason: unknown = new DOMException('The run was stopped.', 'AbortError')) {
    const live = this.#live.get(session);
    live?.abort(reason);
    return live !== undefined;
  }

  /** Aborts all runs, and resolves once they have ended and their sessions are closed. New requests are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    const reason = new DOMException('The server is closing.', 'AbortError');
    for (const live of this.#live.values()) live.abort(reason);
    await Promise.all(this.#turns.values()); // what is being opened is closed again
    await Promise.allSettled([...this.#live.values()].map(({ ended }) => ended));
  }

  /** Answers a request with what `handle` makes of it; its errors become responses. */
  async respond(handle: () => Promise<Response>): Promise<Response> {
    try {
      this.#checkOpen();
      return await handle();
    } catch (thrown) {
      return thrown instanceof Response ? thrown : errorResponse(thrown);
    }
  }

  /** Asks the host. Throws 403 where it refuses. */
  async admit(request: Request, id: string): Promise<Admitted<Context>> {
    const admitted = await this.#options.authorize(request, id);
    if (admitted !== undefined) return admitted;
    throw new HttpError(403, { code: 'forbidden', message: 'This session is not yours.' });
  }

  /** Starts or resumes a run, as `ask` reads the session. The reader has everything from the run's start on. */
  async begin(
    admitted: Admitted<Context>,
    ask: (session: Session) => Ask,
  ): Promise<{ readonly live: LiveRun; readonly reader: RunReader }> {
    const id = admitted.session;
    return this.#inTurn(id, async () => {
      for (let live = this.live(id); live !== undefined; live = this.live(id)) {
        if (!live.isLeaving) {
          throw new ThroughlineError('session_busy', `A run is under way in the session "${id}".`);
        }
        await live.ended.catch(() => {}); // it is reported already
      }
      const session = await this.#open(id);
      try {
        this.#checkOpen();
        return this.#start(session, admitted, ask(session));
      } catch (error) {
        await session.close();
        throw error;
      }
    });
  }

  /** Reads a session: with its run, where one is under way in this process, else alone. */
  async visit<Seen>(
    id: string,
    whenLive: (live: LiveRun) => Promise<Seen>,
    whenIdle: (session: Session) => Promise<Seen>,
  ): Promise<Seen> {
    const { seen } = await this.#inTurn(id, async () => {
      const live = this.live(id);
      if (live !== undefined) return { seen: whenLive(live) }; // not awaited: the session is not opened for it
      const session = await this.#open(id);
      try {
        return { seen: await whenIdle(session) };
      } finally {
        await session.close();
      }
    });
    return seen;
  }

  /** The lines that are stored of a session which another process has open; undefined where the store cannot tell. */
  readStored(id: string, from: number): AsyncIterable<readonly SessionLine[]> | undefined {
    return this.#options.sessions.read?.(id, from);
  }

  /** Throws 403 for a tool whose result the host does not take from clients. */
  checkResult(name: string): void {
    if (this.#options.resultsFor?.includes(name) === true) return;
    throw new HttpError(403, {
      code: 'result_not_allowed',
      message: `A client may approve or refuse a call of ${name}, not give its result.`,
    });
  }

  #checkOpen(): void {
    if (!this.#closed) return;
    throw new HttpError(503, { code: 'closing', message: 'The server is closing.' });
  }

  /** Once this has closed, the host may take its store down: a request that is late, e.g. out of `authorize`, opens nothing. */
  async #open(id: string): Promise<Session> {
    this.#checkOpen();
    return this.#options.sessions.open(id);
  }

  #start(session: Session, { context, session: id }: Admitted<Context>, ask: Ask) {
    const { agent, unfinished = 'refuse', whenLeft = 'abort' } = this.#options;
    const given = { context: context as Context };
    const isLeft = session.state === 'cut' || session.state === 'suspended';
    // A run that is left is marked with a line of its own, which nobody is told.
    const before = session.lastSeq + ('input' in ask && isLeft ? 1 : 0);
    const run =
      'decisions' in ask
        ? agent.resume(session, { ...given, decisions: ask.decisions })
        : agent.stream(ask.input, { ...given, session, unfinished });
    const live = new LiveRun({ run, session, whenLeft, close: () => this.#close(session, id) });
    this.#live.set(id, live);
    // A store that fails to close is no request's error: it is reported as an uncaught one is.
    live.ended.catch(reportUncaught);
    return { live, reader: live.read(before) };
  }

  /** One after another, in the order in which they come: a store opens a session once at a time. */
  async #inTurn<Done>(id: string, act: () => Promise<Done>): Promise<Done> {
    const acting = (this.#turns.get(id) ?? Promise.resolve()).then(act);
    const over = acting.then(
      () => {},
      () => {},
    );
    this.#turns.set(id, over);
    try {
      return await acting;
    } finally {
      if (this.#turns.get(id) === over) this.#turns.delete(id);
    }
  }

  async #close(session: Session, id: string): Promise<void> {
    try {
      await session.close();
    } finally {
      this.#live.delete(id);
    }
  }
}

function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
