// What a scripted model knows: the conversation it was sent. Every script derives what it says from this.
import { textOf } from '@throughline/core';
import type { Content } from '@throughline/core';
import type { ChatRequest } from '@throughline/simulator';

/** A call that has its result. */
export interface Told {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** The results since the last message of the person, or of the whole conversation, in order. */
export function toldIn({ messages }: ChatRequest, since: 'question' | 'start' = 'question') {
  const from = since === 'start' ? 0 : messages.findLastIndex(({ role }) => role === 'user');
  const calls = messages.flatMap(({ tool_calls = [] }) => tool_calls);
  return messages.slice(Math.max(from, 0)).flatMap(({ role, tool_call_id, content }): Told[] => {
    const call = calls.findLast(({ id }) => id === tool_call_id)?.function;
    if (role !== 'tool' || call === undefined) return [];
    const input = JSON.parse(call.arguments) as Told['input'];
    return [{ name: call.name, input, text: textOf((content ?? '') as Content) }];
  });
}

/** What the person said last. */
export function askedIn({ messages }: ChatRequest): string {
  const last = messages.findLast(({ role }) => role === 'user');
  return textOf((last?.content ?? '') as Content);
}

/** What the pattern captures of a text; a script that finds nothing fails, so that it never makes up a result. */
export function found(text: string, pattern: RegExp): string {
  const hit = pattern.exec(text)?.[1];
  if (hit === undefined) throw new Error(`The script finds no ${String(pattern)} in: ${text}`);
  return hit;
}
