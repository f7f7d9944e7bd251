import type { AssistantMessage, Message } from '@throughline/core';
import { toBytes } from './utf8.ts';
import type { Names } from './names.ts';

/** What stands for reasoning that is not there; Moonshot takes one space and refuses an empty string. */
const filler = ' ';
const comma = toBytes(',');

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
    const { content, tool_calls: calls, ...rest } = message;
    const silent = content === undefined || content === null || content === '';
    const said = silent ? rest : { ...rest, content };
    if (calls === undefined || calls.length === 0) {
      return silent ? '' : JSON.stringify(this.#filled(said));
    }
    const tool_calls = calls.map((call) => {
      const name = this.#names.toWire(call.function.name);
      return name === call.function.name ? call : { ...call, function: { ...call.function, name } };
    });
    return JSON.stringify(this.#filled({ ...said, tool_calls }));
  }

  #filled(message: AssistantMessage): AssistantMessage {
    if (message.reasoning_content) return message;
    if (message.reasoning && this.#oneKey) {
      const { reasoning, ...rest } = message;
      return { ...rest, reasoning_content: reasoning };
    }
    if (message.reasoning) return message;
    const needed = this.#fillAll || (message.tool_calls?.length ?? 0) > 0;
    return needed ? { ...message, reasoning_content: filler } : message;
  }
}
