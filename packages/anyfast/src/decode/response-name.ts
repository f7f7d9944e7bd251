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
  const [id, model] = [frame['id'], frame['model']].map((word) => {
    const text = textOf(word);
    return text && redact(text).slice(0, longestName);
  });
  if (!id && !model) return undefined;
  return { ...(id && { id }), ...(model && { model }) };
}
