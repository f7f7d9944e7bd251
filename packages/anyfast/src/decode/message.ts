import { isObject, textOf } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import { isThought, readReasoning, thoughtIn, unreadIn } from './reasoning.ts';
import type { Thought } from './reasoning.ts';

/** Who hears what a message, or a piece of it, says. `whole`: it is there in full, and not a piece of a stream. */
export interface MessageSink {
  think(text: string, key: Thought['key']): void;
  say(text: string, whole: boolean): void;
  call(entries: readonly unknown[], whole: boolean): void;
  warn(message: string): void;
}

/** Reads a delta or a message: thoughts, text, calls. What it says in a way that is not understood is reported. */
export function readMessage(message: JsonObject, sink: MessageSink, whole: boolean): void {
  const thought = readReasoning(message);
  if (thought !== undefined) tellThought(thought, sink);
  const { content, refusal, tool_calls: calls, function_call: legacy } = message;
  if (typeof content === 'string') {
    if (content !== '') sink.say(content, whole);
  } else if (content !== undefined && content !== null) readParts(content, sink, whole);
  if (Array.isArray(calls)) sink.call(calls, whole);
  else if (isObject(legacy)) sink.call([{ index: 0, function: legacy }], whole);
  const refused = textOf(refusal);
  if (refused !== undefined && refused !== content) {
    sink.warn('The model refuses. Its reason is the text of the answer.');
    sink.say(refused, whole);
  }
  if (thought === undefined && !content && !calls && !legacy && refused === undefined) {
    const unread = unreadIn(message);
    if (unread !== undefined)
      sink.warn(
        `The answer has a field "${unread}" with text. The transport does not know it, and left it out.`,
      );
  }
}

function tellThought({ text, key, other }: Thought, sink: MessageSink): void {
  sink.think(text, key);
  if (other !== undefined) {
    sink.warn(`The endpoint sends reasoning in two fields. The one in "${other}" was left out.`);
  }
}

function readParts(content: unknown, sink: MessageSink, whole: boolean): void {
  for (const part of Array.isArray(content) ? content : [content]) {
    const text = textIn(part);
    if (isObject(part) && isThought(part)) {
      const thought = thoughtIn(part);
      if (thought !== '') sink.think(thought, 'reasoning_content');
    } else if (text !== undefined) {
      if (text !== '') sink.say(text, whole);
    } else {
      const type = isObject(part) ? (textOf(part['type']) ?? 'unknown') : typeof part;
      sink.warn(
        `The answer has a part of type "${type.slice(0, 40)}". The transport does not know it, and left it out.`,
      );
    }
  }
}

/** The text of a part of a content; undefined where it has none. */
function textIn(part: unknown): string | undefined {
  if (typeof part === 'string') return part;
  if (!isObject(part)) return undefined;
  const text = part['text'] ?? part['content'] ?? part['refusal'];
  return typeof text === 'string' ? text : undefined;
}

/** All text of a content. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return textIn(content) ?? '';
  return content
    .filter((part) => !(isObject(part) && isThought(part)))
    .map((part) => textIn(part) ?? '')
    .join('');
}
