import type { PermissionOption, SessionUpdate, StopReason } from '@agentclientprotocol/sdk';
import type { CallPending, Decision, Run, RunResult, Session } from '@throughline/core';
import type { LoadedAgent } from '../agent/load-agent.ts';
import { callToShow, replayOf, said, updatesOf } from './updates.ts';

/** What a session needs of the editor. */
export interface Editor {
  update(update: SessionUpdate): Promise<void>;
  /** The option that the person chose; nothing where the question was called off. */
  ask(
    call: ReturnType<typeof callToShow>,
    options: PermissionOption[],
    signal: AbortSignal,
  ): Promise<string | undefined>;
}

const options: PermissionOption[] = [
  { optionId: 'once', name: 'Allow once', kind: 'allow_once' },
  { optionId: 'always', name: 'Allow this tool in this session', kind: 'allow_always' },
  { optionId: 'no', name: 'Refuse', kind: 'reject_once' },
];

/** A conversation that an editor has open: a stored session and the agent that answers in it. */
export class EditorSession {
  readonly #session: Session;
  readonly #loaded: LoadedAgent;
  readonly #editor: Editor;
  /** Tools that the person allows for as long as the session is open. */
  readonly #allowed = new Set<string>();
  #stop: AbortController | undefined;

  constructor(session: Session, loaded: LoadedAgent, editor: Editor) {
    this.#session = session;
    this.#loaded = loaded;
    this.#editor = editor;
  }

  /** Tells the editor all that was said before. */
  async replay(): Promise<void> {
    for (const update of replayOf(this.#session.messages)) await this.#editor.update(update);
  }

  /** Answers a question of the person. A run that was cut, or waits, goes on to its end first. */
  async prompt(text: string): Promise<StopReason> {
    const stop = new AbortController();
    this.#stop = stop;
    const about = {
      signal: stop.signal,
      decide: (call: CallPending) => this.#decide(call, stop.signal),
    };
    const { agent } = this.#loaded;
    try {
      if (this.#session.state === 'suspended' || this.#session.state === 'cut') {
        const before = await this.#show(agent.resume(this.#session, about));
        if (before.stopReason === 'suspended') return this.#tellWaiting(before);
      }
      const result = await this.#show(agent.stream(text, { ...about, session: this.#session }));
      return result.stopReason === 'suspended'
        ? await this.#tellWaiting(result)
        : stops[result.stopReason];
    } catch (error) {
      if (stop.signal.aborted) return 'cancelled';
      throw error;
    } finally {
      this.#stop = undefined;
    }
  }

  cancel(): void {
    this.#stop?.abort(new DOMException('The editor cancelled the run.', 'AbortError'));
  }

  async close(): Promise<void> {
    this.cancel();
    await this.#session.close();
    await this.#loaded.close();
  }

  async #show(run: Run<unknown>): Promise<RunResult<unknown>> {
    const started = new Set<string>();
    for await (const event of run) {
      for (const update of updatesOf(event, started)) await this.#editor.update(update);
    }
    return run.result;
  }

  async #decide(call: CallPending, signal: AbortSignal): Promise<Decision | undefined> {
    if (call.name === 'ask_user') return undefined; // a question to a person is more than yes or no
    if (this.#allowed.has(call.name)) return { approve: true };
    const chosen = await this.#editor.ask(callToShow(call), options, signal);
    if (chosen === 'always') this.#allowed.add(call.name);
    if (chosen === 'once' || chosen === 'always') return { approve: true };
    return chosen === undefined ? undefined : { refuse: 'The person refused this call.' };
  }

  async #tellWaiting({ pending = [] }: RunResult<unknown>): Promise<StopReason> {
    const names = pending.map(({ name }) => name).join(', ');
    const how = `throughline sessions decide ${this.#session.id}`;
    await this.#editor.update(
      said('agent_message_chunk', `\nThis waits for a person: ${names}. Decide it with: ${how}\n`),
    );
    return 'end_turn';
  }
}

const stops = {
  answer: 'end_turn',
  length: 'max_tokens',
  content_filter: 'refusal',
  limit: 'max_turn_requests',
} as const;
