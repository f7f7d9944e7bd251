import type { Content } from './message.ts';
import type { Json } from './model.ts';

/** The text of a message or a result: its text parts, joined by line breaks. Pictures and videos have none. */
export function textOf(content: Content | undefined): string {
  if (content === undefined || typeof content === 'string') return content ?? '';
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/**
 * The arguments of a call as a value, from any event that carries them (`call.start`, `call.pending`) and from `result.calls`. The
 * events carry them once, as the text that the model wrote; they are not stored a second time. Throws for what is no JSON.
 */
export function inputOf(call: { readonly arguments: string }): Json {
  return JSON.parse(call.arguments) as Json;
}
