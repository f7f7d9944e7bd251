import process from 'node:process';
import { ThroughlineError } from '@throughline/core';
import type { Agent, Decision, Run, Session } from '@throughline/core';
import { bad, forkRun } from './fork.ts';
import { posted, sendJson } from './http-answer.ts';
import type { Answers, Exchange } from './http-answer.ts';
import type { LiveRuns } from './live-runs.ts';
import type { InspectedSessions } from './stored.ts';

/** An agent that runs on what a person decides or forks: one whose tools need no context. */
export type ActingAgent = Pick<Agent<unknown, unknown>, 'name' | 'resume'>;

/** What a person does from the page. A session that another process has open is refused by the store: `session_locked`. */
export class Acts {
  readonly #sessions: InspectedSessions;
  readonly #agent: ActingAgent | undefined;
  readonly #live: LiveRuns;
  /** The runs that the page has started, each with its session to close. */
  readonly #started = new Map<Run<unknown>, Promise<unknown>>();
  #closed = false;

  constructor(sessions: InspectedSessions, agent: ActingAgent | undefined, live: LiveRuns) {
    this.#sessions = sessions;
    this.#agent = agent;
    this.#live = live;
  }

  /** The requests that act, by the last word of their path. */
  get all(): Answers {
    return {
      decide: (exchange) => this.#decide(exchange),
      resume: (exchange) => this.#resume(exchange),
      fork: (exchange) => this.#fork(exchange),
      steer: (exchange) => this.#steer(exchange),
      abort: (exchange) => this.#abort(exchange),
    };
  }

  /** Stops the runs that the page has started, and waits for them. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const run of this.#started.keys())
      run.abort(new DOMException('The inspector closes.', 'AbortError'));
    await Promise.all(this.#started.values());
  }

  async #decide(exchange: Exchange): Promise<void> {
    const { id, call, decision } = await posted(exchange);
    const session = text(id, 'id');
    const callId = text(call, 'call');
    const said = decision as Decision; // core says what is no decision
    const watched = this.#live.under(session);
    if (watched !== undefined) {
      watched.run.decide(callId, said);
      sendJson(exchange.outgoing, { runId: watched.run.id });
      return;
    }
    await this.#goOn(
      exchange,
      (agent, opened) => {
        const isThere = opened.pending.some((pending) => pending.id === callId);
        if (!isThere) throw bad(`No call "${callId}" waits in the session "${session}".`);
        return agent.resume(opened, { decisions: [{ id: callId, ...said }] });
      },
      () => this.#open(session),
    );
  }

  async #resume(exchange: Exchange): Promise<void> {
    const { id } = await posted(exchange);
    const session = text(id, 'id');
    await this.#goOn(
      exchange,
      (agent, opened) => agent.resume(opened),
      () => this.#open(session),
    );
  }

  async #fork(exchange: Exchange): Promise<void> {
    const { id, seq, newId, text: words } = await posted(exchange);
    if (typeof seq !== 'number') throw bad('The fork names no line ("seq").');
    const at = {
      id: text(id, 'id'),
      seq,
      newId: text(newId, 'newId'),
      text: words === undefined ? undefined : String(words),
    };
    await this.#goOn(
      exchange,
      (agent, forked) => agent.resume(forked),
      () => forkRun(this.#sessions, at),
    );
  }

  async #steer(exchange: Exchange): Promise<void> {
    const { id, text: words } = await posted(exchange);
    this.#under(text(id, 'id')).run.steer(text(words, 'text'));
    sendJson(exchange.outgoing, {});
  }

  async #abort(exchange: Exchange): Promise<void> {
    const { id } = await posted(exchange);
    this.#under(text(id, 'id')).run.abort(
      new DOMException('A person stopped the run in the inspector.', 'AbortError'),
    );
    sendJson(exchange.outgoing, {});
  }

  #under(id: string) {
    const watched = this.#live.under(id);
    if (watched !== undefined) return watched;
    throw bad(
      `No run of this process is under way in "${id}". A run of another process is stopped there.`,
    );
  }

  /** A name that is in no list makes no new session. */
  async #open(id: string): Promise<Session> {
    if (!(await this.#sessions.list()).some((info) => info.id === id)) {
      throw new ThroughlineError('session_not_found', `There is no session "${id}".`);
    }
    return this.#sessions.open(id);
  }

  /** Starts a run in a session, answers that it has begun, and closes the session after it. */
  async #goOn(
    exchange: Exchange,
    start: (agent: ActingAgent, session: Session) => Run<unknown>,
    open: () => Promise<Session>,
  ): Promise<void> {
    if (this.#agent === undefined) {
      throw bad(
        'No agent is registered, so nothing can run on. The host passes one: inspector({ sessions, agent }).',
      );
    }
    const session = await open();
    let run: Run<unknown>;
    try {
      if (this.#closed) throw bad('The inspector closes, so no run begins.');
      run = start(this.#agent, session);
    } catch (error) {
      await session.close();
      throw error;
    }
    this.#live.watch(run, { session: session.id });
    const over = run.result
      .catch(() => {}) // the log and the page say why it failed
      .then(() => session.close())
      .catch((error: unknown) => process.emitWarning(String(error))) // nobody else hears of it
      .finally(() => this.#started.delete(run));
    this.#started.set(run, over);
    sendJson(exchange.outgoing, { id: session.id, runId: run.id }, 202);
  }
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw bad(`The request has no text "${name}".`);
}
