import { isObject, textOf } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';

/** A piece of reasoning and the key to send it back under. */
export interface Thought {
  readonly text: string;
  readonly key: 'reasoning_content' | 'reasoning';
}

/**
 * The reasoning in a delta or message. Some hosts say the same under two keys, so only one is read:
 * `reasoning_content` (Moonshot), else `reasoning` (newer vLLM, Together), else `reasoning_details` (OpenRouter).
 */
export function readReasoning(delta: JsonObject): Thought | undefined {
  const content = textOf(delta['reasoning_content']);
  if (content !== undefined) return { text: content, key: 'reasoning_content' };
  const reasoning = textOf(delta['reasoning']);
  if (reasoning !== undefined) return { text: reasoning, key: 'reasoning' };
  const details = delta['reasoning_details'];
  if (!Array.isArray(details)) return undefined;
  const text = details.map(detailText).join('');
  return text === '' ? undefined : { text, key: 'reasoning_content' };
}

function detailText(detail: unknown): string {
  if (!isObject(detail)) return '';
  return textOf(detail['text']) ?? textOf(detail['summary']) ?? '';
}
