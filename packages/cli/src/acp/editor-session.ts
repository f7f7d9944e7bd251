import type { PermissionOption, SessionUpdate, StopReason } from '@agentclientprotocol/sdk';
import { ThroughlineError } from '@throughline/core';
import { questionsOf } from '@throughline/toolkit-plan';
import type { CallPending, Decision, Run, RunResult, Session } from '@throughline/core';
import type { RunnableAgent } from '../agent/runnable-agent.ts';
import type { Host } from '../command.ts';
import type { Again } from '../run/command-line.ts';
import { eventsWithoutKey } from '../run/events-without-key.ts';
import { pendingWords } from '../run/tell-pending.ts';
import type { SessionUpdates } from './session-updates.ts';

/** What a session needs of the editor. */
export interface Editor {
  update(update: SessionUpdate): Promise<void>;
  /** The option that the person chose; nothing where the question was called off. */
  ask(
    call: ReturnType<SessionUpdates['call']>,
    options: PermissionOption[],
    signal: AbortSignal,
  ): Promise<string | undefined>;
}

/** What a conversation in an editor is made of. The agent is not its own: other sessions may share it. */
export interface EditorSessionParts {
  readonly stored: Session;
  readonly agent: RunnableAgent;
  readonly editor: Editor;
  readonly updates: SessionUpdates;
  readonly env: Host['env'];
  /** What a command that decides a call must say again. */
  readonly again: Again;
}

const once: PermissionOption = { optionId: 'once', name: 'Allow once', kind: 'allow_once' };
const always: PermissionOption = {
  optionId: 'always',
  name: 'Allow this tool in this session',
  kind: 'allow_always',
};
const refuse: PermissionOption = { optionId: 'no', name: 'Refuse', kind: 'reject_once' };

/** A conversation that an editor has open: a stored session and the agent that answers in it. */
export class EditorSession {
  readonly #parts: EditorSessionParts;
  /** Tools that the person allows for as long as the session is open. */
  readonly #allowed = new Set<string>();
  #stop: AbortController | undefined;

  constructor(parts: EditorSessionParts) {
    this.#parts = parts;
  }

  /** Tells the editor all that was said before. */
  async replay(): Promise<void> {
    const { stored, editor, updates } = this.#parts;
    for (const update of updates.replay(stored.messages)) await editor.update(update);
  }

  /** Answers a question of the person. A run that was cut, or waits, goes on to its end first. Throws `session_busy` while one is answered. */
  async prompt(text: string): Promise<StopReason> {
    if (this.#stop !== undefined) throw busy();
    const stop = new AbortController();
    this.#stop = stop;
    const about = {
      signal: stop.signal,
      decide: (call: CallPending) => this.#decide(call, stop.signal),
    };
    const { agent, stored } = this.#parts;
    try {
      if (stored.state === 'suspended' || stored.state === 'cut') {
        const before = await this.#show(agent.resume(stored, about));
        if (before.stopReason === 'suspended') return this.#tellWaiting(before);
      }
      const result = await this.#show(agent.stream(text, { ...about, session: stored }));
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

  /** Ends what is under way here. The agent stays as it is. */
  async close(): Promise<void> {
    this.cancel();
    await this.#parts.stored.close();
  }

  async #show(run: Run<unknown>): Promise<RunResult<unknown>> {
    const { editor, updates, env } = this.#parts;
    for await (const event of eventsWithoutKey(run, env)) {
      for (const update of updates.of(event)) await editor.update(update);
    }
    return run.result;
  }

  async #decide(call: CallPending, signal: AbortSignal): Promise<Decision | undefined> {
    if (questionsOf(call) !== undefined) return undefined; // more than yes or no
    const mayBeAllowed = call.mayHaveRun === undefined;
    if (mayBeAllowed && this.#allowed.has(call.name)) return { approve: true };
    const options = mayBeAllowed ? [once, always, refuse] : [once, refuse];
    const { editor, updates } = this.#parts;
    const chosen = await editor.ask(updates.call(call), options, signal);
    if (!options.some(({ optionId }) => optionId === chosen)) return unasked(chosen);
    if (chosen === 'always') this.#allowed.add(call.name);
    return chosen === refuse.optionId
      ? { refuse: 'The person refused this call.' }
      : { approve: true };
  }

  async #tellWaiting({ pending = [] }: RunResult<unknown>): Promise<StopReason> {
    const { editor, updates, stored, again } = this.#parts;
    const words = await pendingWords(pending, stored.id, again);
    const told = words.map(({ text }) => text).join('\n');
    await editor.update(updates.said('agent_message_chunk', `\n\n\`\`\`\n${told}\n\`\`\`\n`));
    return 'end_turn';
  }
}

function busy(): ThroughlineError {
  const words = 'A question of this session is under way. Wait for its answer, or cancel it.';
  return new ThroughlineError('session_busy', words);
}

/** Nothing is decided where the question was called off, and nothing runs on an answer that means nothing. */
function unasked(chosen: string | undefined): Decision | undefined {
  if (chosen === undefined) return undefined;
  return {
    refuse: `The editor answered ${JSON.stringify(chosen.slice(0, 100))}, which was not offered.`,
  };
}

const stops = {
  answer: 'end_turn',
  length: 'max_tokens',
  content_filter: 'refusal',
  limit: 'max_turn_requests',
} as const;
