import type { ChatRequest } from '../wire/chat-request.ts';
import { hashOf } from '../wire/hash.ts';

/** A prompt as a chain of hashes, so that shared beginnings are found without comparing texts. */
export interface Prompt {
  /** The text of the tools; empty if none are offered. */
  readonly tools: string;
  /** Hashes of the messages before each position: `[0]` of none, the last of all. */
  readonly before: readonly string[];
  /** Bytes of the prompt up to each position, tools included. */
  readonly bytes: readonly number[];
}

/** Reads the prompt of a request. Media do not count with their bytes, only by what they are. */
export function readPrompt(request: ChatRequest): Prompt {
  const tools = Array.isArray(request.tools) ? JSON.stringify(request.tools) : '';
  const before = [''];
  const bytes = [Buffer.byteLength(tools)];
  let hash = '';
  let total = bytes[0] ?? 0;
  for (const message of request.messages) {
    const text = JSON.stringify(message, hideMedia);
    hash = hashOf(hash + text);
    total += Buffer.byteLength(text);
    before.push(hash);
    bytes.push(total);
  }
  return { tools, before, bytes };
}

function hideMedia(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || value.length < 100 || !value.startsWith('data:')) return value;
  return `media ${hashOf(value)}`;
}

/** So many beginnings of prompts are remembered. */
const mostPrefixes = 100_000;

/**
 * The account of the prefix cache: a prompt's beginning counts as cached if a served prompt began
 * the same, up to a whole message. Other tools are another beginning.
 */
export class PrefixCache {
  readonly #seen = new Set<string>();

  /** How many bytes from the start of a prompt have been served before. */
  cachedBytes(prompt: Prompt): number {
    const key = hashOf(prompt.tools);
    for (let at = prompt.before.length - 1; at > 0; at -= 1) {
      if (this.#seen.has(key + prompt.before[at])) return prompt.bytes[at] ?? 0;
    }
    return 0;
  }

  /** Remembers a prompt that was served. */
  add(prompt: Prompt): void {
    const key = hashOf(prompt.tools);
    for (const hash of prompt.before) this.#seen.add(key + hash);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= mostPrefixes) break;
      this.#seen.delete(oldest);
    }
  }
}
