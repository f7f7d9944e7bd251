import type { Message, ToolCall } from '@throughline/core';
import { toBytes } from './utf8.ts';
import type { Names } from './names.ts';

/** What stands for reasoning that is not there; Moonshot takes one space and refuses an empty string. */
const filler = ' ';
const comma = toBytes(',');
/** What stands at the end, whatever the order it came in; and what is no field when it is set. */
const placed = new Set(['content', 'tool_calls', '__proto__']);

/**
 * Writes messages for the wire, each once in its life: its bytes are kept as long as the message lives, so a
 * step costs what its new messages cost, and what was sent before is sent again byte for byte.
 *
 * A message goes out as it is stored, but for three things that the endpoint refuses: a call's tool goes by its
 * wire name, empty `content` beside calls is left out, and an assistant message that lacks reasoning gets a
 * space of it (the endpoint answers 400 "reasoning_content is missing" otherwise). With `fillAll` that holds for every assistant message, as
 * `thinking.keep: "all"` asks; otherwise for those with calls.
 */
export class MessageWriter {
  readonly #names: Names;
  readonly #fillAll: boolean;
  #written = new WeakMap<Message, Uint8Array>();
  #oneKey = false;

  constructor(names: Names, fillAll: boolean) {
    this.#names = names;
    this.#fillAll = fillAll;
  }

  /**
   * From now on all reasoning goes under `reasoning_content`, also where a host spoke it under `reasoning`: behind
   * a gateway the next host may be another one. False when it was so already.
   */
  useOneKey(): boolean {
    if (this.#oneKey) return false;
    this.#oneKey = true;
    this.#written = new WeakMap();
    return true;
  }

  /** The messages as the elements of a JSON array, in bytes; a comma stands before each but the first. */
  elements(messages: readonly Message[]): readonly Uint8Array[] {
    const elements: Uint8Array[] = [];
    for (const message of messages) {
      let bytes = this.#written.get(message);
      if (bytes === undefined) {
        bytes = toBytes(this.#write(message));
        this.#written.set(message, bytes);
      }
      if (bytes.length === 0) continue;
      if (elements.length > 0) elements.push(comma);
      elements.push(bytes);
    }
    return elements;
  }

  /** Empty for a message with neither text nor calls, which the endpoint would refuse, whatever was thought. */
  #write(message: Message): string {
    if (message.role !== 'assistant') return JSON.stringify(message);
    const { content, tool_calls: calls = [] } = message;
    const silent = content === undefined || content === null || content === '';
    if (silent && calls.length === 0) return '';
    // Filled field by field: what is spread and then grows has a new shape each time, which is slow to write (docs/design.md).
    const sent: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(message)) if (!placed.has(key)) sent[key] = value;
    if (!silent) sent['content'] = content;
    if (calls.length > 0) sent['tool_calls'] = calls.map((call) => this.#onWire(call));
    this.#fill(sent, calls.length > 0);
    return JSON.stringify(sent);
  }

  #onWire(call: ToolCall): ToolCall {
    const name = this.#names.toWire(call.function.name);
    return name === call.function.name ? call : { ...call, function: { ...call.function, name } };
  }

  #fill(sent: Record<string, unknown>, makesCalls: boolean): void {
    const { reasoning } = sent;
    if (sent['reasoning_content']) return;
    if (reasoning && !this.#oneKey) return;
    if (reasoning) {
      delete sent['reasoning'];
      sent['reasoning_content'] = reasoning;
    } else if (this.#fillAll || makesCalls) sent['reasoning_content'] = filler;
  }
}
