import type { Message, ToolCall } from '@throughline/core';
import type { DecodeScope } from './decode-scope.ts';
import type { Encoded } from '../encode/encode.ts';
import type { Names } from '../encode/names.ts';
import type { Endpoint } from '../http/http.ts';
import type { DecodeSettings } from '../options/settings.ts';

/** What is known of one request that its answer is read with. */
export class AnswerScope implements DecodeScope {
  readonly leakedCalls: DecodeScope['leakedCalls'];
  readonly prices: DecodeScope['prices'];
  readonly toolNames: readonly string[];
  readonly callsAllowed: boolean;
  readonly thinks: boolean;
  readonly redact: DecodeScope['redact'];
  readonly #messages: readonly Message[];
  readonly #names: Names;
  /** Made for the second call that asks: most answers have one. */
  #ids: ReadonlySet<string> | undefined;
  #asked = false;

  constructor(
    messages: readonly Message[],
    { tools, callsAllowed, thinks }: Encoded,
    about: {
      readonly settings: DecodeSettings;
      readonly endpoint: Endpoint;
      readonly names: Names;
    },
  ) {
    this.leakedCalls = about.settings.leakedCalls;
    this.prices = about.settings.prices;
    this.toolNames = tools.wireNames;
    this.callsAllowed = callsAllowed;
    this.thinks = thinks;
    this.redact = about.endpoint.redact;
    this.#messages = messages;
    this.#names = about.names;
  }

  toOwn(wire: string): string {
    return this.#names.toOwn(wire);
  }

  isTaken(id: string): boolean {
    if (this.#asked) return (this.#ids ??= idsIn(this.#messages)).has(id);
    this.#asked = true;
    return this.#messages.some((message) => callsOf(message).some((call) => call.id === id));
  }

  callCount(): number {
    return this.#messages.reduce((sum, message) => sum + callsOf(message).length, 0);
  }
}

function idsIn(messages: readonly Message[]): ReadonlySet<string> {
  return new Set(messages.flatMap((message) => callsOf(message).map(({ id }) => id)));
}

function callsOf(message: Message): readonly ToolCall[] {
  return (message.role === 'assistant' ? message.tool_calls : undefined) ?? none;
}

const none: readonly ToolCall[] = [];
