import { isObject, textOf } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import type { Calls } from './calls.ts';
import { contentText } from './message.ts';
import type { MessageSink } from './message.ts';
import { readReasoning } from './reasoning.ts';
import { sameness } from './same-call.ts';

/**
 * Some hosts end a stream with the full `message`, or send it with every chunk. What was said already is not said again,
 * and only what is new in it is read.
 */
export class Retold {
  #calls: readonly JsonObject[] = [];

  read(
    message: JsonObject,
    heard: { readonly text: string; readonly reasoning: string },
    sink: MessageSink,
  ): void {
    const thought = readReasoning(message);
    if (thought !== undefined) {
      const more = rest(heard.reasoning, thought.text, sink);
      if (more !== '') sink.think(more, thought.key);
    }
    const more = rest(heard.text, contentText(message['content']), sink);
    if (more !== '') sink.say(more, false);
    const calls = message['tool_calls'];
    if (Array.isArray(calls)) this.#calls = calls.filter(isObject).filter(saysSomething);
  }

  /** Once all has come: adds calls that only the message has. Returns the reason where it contradicts the stream. */
  settle(calls: Calls): string | undefined {
    const told = this.#calls.map(samenessOf);
    const isSame = calls.all.every(({ name, args }, at) => told[at] === sameness(name, args));
    if (told.length > 0 && !isSame) {
      return 'The endpoint sent the calls of the answer twice, and the two differ';
    }
    calls.add(this.#calls.slice(calls.all.length), true);
    return undefined;
  }
}

/** What the whole text has behind what was heard of it. */
function rest(heard: string, whole: string, sink: MessageSink): string {
  if (whole.startsWith(heard)) return whole.slice(heard.length);
  if (!heard.startsWith(whole)) {
    sink.warn(
      'The endpoint ended its stream with a text that differs from the one it had streamed. The later one was left out.',
    );
  }
  return '';
}

function samenessOf(entry: JsonObject): string {
  const { name, args } = partsOf(entry);
  return sameness(name, args);
}

function saysSomething(entry: JsonObject): boolean {
  const { name, args } = partsOf(entry);
  return name !== '' || args.trim() !== '';
}

function partsOf(entry: JsonObject): { readonly name: string; readonly args: string } {
  const told = entry['function'];
  if (!isObject(told)) return { name: '', args: '' };
  const args = told['arguments'] ?? '';
  return {
    name: textOf(told['name']) ?? '',
    args: typeof args === 'string' ? args : JSON.stringify(args),
  };
}
