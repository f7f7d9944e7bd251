import { isObject, textOf } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';

/** A piece of reasoning and the key to send it back under. */
export interface Thought {
  readonly text: string;
  readonly key: 'reasoning_content' | 'reasoning';
  /** A second key said something else. */
  readonly other?: string;
}

/**
 * Where hosts put reasoning: Moonshot, DeepSeek and most others; newer vLLM and Together; Copilot; OpenRouter; Ollama;
 * LiteLLM. Some say the same under two keys, so the first that says something is read.
 */
const keys = [
  'reasoning_content',
  'reasoning',
  'reasoning_text',
  'reasoning_details',
  'thinking',
  'thinking_blocks',
] as const;

/** The reasoning in a delta or message. */
export function readReasoning(delta: JsonObject): Thought | undefined {
  let found: Thought | undefined;
  for (const key of keys) {
    if (delta[key] === undefined) continue;
    const text = thoughtIn(delta[key]);
    if (text === '') continue;
    if (found === undefined) {
      // It goes back as a text: under this key only to a host that speaks it so.
      const isOwn = key === 'reasoning' && typeof delta[key] === 'string';
      found = { text, key: isOwn ? 'reasoning' : 'reasoning_content' };
    } else if (text !== found.text) return { ...found, other: key };
  }
  return found;
}

/** Texts in an object of reasoning, in the order in which they count. */
const textKeys = ['text', 'content', 'thinking', 'reasoning', 'reasoning_content', 'summary'];

/** The text of reasoning in any shape: a string, a list of parts, an object. */
export function thoughtIn(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value;
  if (depth > 4) return '';
  if (Array.isArray(value)) return value.map((part) => thoughtIn(part, depth + 1)).join('');
  if (!isObject(value)) return '';
  for (const key of textKeys) {
    const text = thoughtIn(value[key], depth + 1);
    if (text !== '') return text;
  }
  return '';
}

/** Whether a part of a content is a thought: Mistral and Anthropic write `{"type":"thinking",…}`. */
export function isThought(part: JsonObject): boolean {
  return /^(thinking|reasoning|reasoning_content|thought)$/.test(textOf(part['type']) ?? '');
}

/**
 * The field of a delta that holds text and that no part of the decoder reads, if there is one: a new place for reasoning or text is
 * reported and not lost in silence.
 */
export function unreadIn(delta: JsonObject): string | undefined {
  return Object.keys(delta).find((key) => {
    const value = delta[key];
    if (!/think|thought|reason|refus|content|text|output|audio|image/i.test(key)) return false;
    if (typeof value === 'string') return value !== '';
    return typeof value === 'object' && value !== null && Object.values(value).some(saysSomething);
  });
}

function saysSomething(value: unknown): boolean {
  return value !== null && value !== '' && value !== undefined && value !== false;
}
