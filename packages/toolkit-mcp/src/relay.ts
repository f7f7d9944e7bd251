import { Agent } from '@throughline/core';
import type {
  Decision,
  AgentOptions,
  ApproveCall,
  CallEnd,
  CallPending,
  Json,
  Message,
  Model,
  ModelPart,
  Plug,
} from '@throughline/core';

/** Asks a person about a call that waits for one. The signal is aborted once nobody waits for the answer any more. */
export type Ask = (
  call: CallPending,
  scope: { readonly signal: AbortSignal },
) => Decision | Promise<Decision>;

export interface RelayedCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Json) => void;
}

export interface RelayedEnd {
  readonly end: CallEnd;
  /** What was thrown inside, where that was not meant for the caller. */
  readonly fault: string | undefined;
}

/**
 * Runs single calls that come from outside the way calls of a model run: checked by the schema, approved, within their
 * time and their numbers. So nothing here decides anew whether a call may run: each is a run of an agent whose model
 * asks for just that call.
 */
export class Relay<Context> {
  readonly #agent: Agent<Context>;
  readonly #context: Context;
  readonly #ask: Ask;

  constructor(
    tools: readonly Plug<Context>[],
    about: {
      readonly context: Context;
      readonly approve: ApproveCall<Context> | undefined;
      readonly ask: Ask;
    },
  ) {
    const { approve, context, ask } = about;
    const options = { model: relayModel, tools, ...(approve === undefined ? {} : { approve }) };
    this.#agent = new Agent(options as AgentOptions<Context>);
    this.#context = context;
    this.#ask = ask;
  }

  /** Rejects with the reason of the signal, or where the host's own code fails. */
  async call({ name, arguments: args, signal, onProgress }: RelayedCall): Promise<RelayedEnd> {
    const found: { end?: CallEnd; fault?: string } = {};
    const agent = this.#agent as unknown as Agent; // that the context fits was checked where the tools came in
    const run = agent.stream(JSON.stringify({ name, arguments: args }), {
      signal,
      context: this.#context,
      decide: this.#ask,
    });
    run.on('call.progress', ({ progress }) => onProgress(progress));
    run.on('call.error', ({ error }) => {
      found.fault = error.stack ?? error.message;
    });
    run.on('call.end', (end) => {
      found.end = end;
    });
    const { pending } = await run.result;
    const { end, fault } = found;
    if (end !== undefined) return { end, fault };
    const isOwn = pending?.some(({ runId }) => runId === run.id);
    const reason = isOwn
      ? 'run: the ask of serveMcp() gave no decision'
      : 'end: an agent inside it waited for a person in vain';
    throw new Error(`The call of "${name}" did not ${reason}.`);
  }
}

/** Asks for the call that the last user message names, and is content with what came of it. */
const relayModel: Model = {
  id: 'relay',
  async *stream({ messages }): AsyncGenerator<readonly ModelPart[]> {
    const last = messages.at(-1) as Message;
    if (last.role !== 'user') {
      yield [
        { type: 'text', delta: 'Done.' },
        { type: 'finish', reason: 'stop' },
      ];
      return;
    }
    const { name, arguments: args } = JSON.parse(String(last.content)) as {
      readonly name: string;
      readonly arguments: unknown;
    };
    yield [
      { type: 'call', index: 0, id: 'call_1', name, delta: JSON.stringify(args) },
      { type: 'finish', reason: 'tool_calls' },
    ];
  },
};
