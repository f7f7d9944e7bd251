import { textOf } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';

/** What the endpoint calls an answer, and the model that gave it. */
export interface ResponseName {
  readonly id?: string;
  readonly model?: string;
}

/** So many characters of either are kept. */
const longestName = 200;

/** What a frame calls itself; undefined where it says nothing of it. */
export function responseName(
  frame: JsonObject,
  redact: (text: string) => string,
): ResponseName | undefined {
  const id = wordOf(frame['id'], redact);
  const model = wordOf(frame['model'], redact);
  if (id === undefined) return model === undefined ? undefined : { model };
  return model === undefined ? { id } : { id, model };
}

function wordOf(word: unknown, redact: (text: string) => string): string | undefined {
  const text = textOf(word);
  return text === undefined ? undefined : textOf(redact(text).slice(0, longestName));
}
