import { isObject, parseObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';

/** A frame, cut open round the one string in which the next one most likely differs. */
interface Template {
  /** The text up to the string's opening quote, and that from its closing one. */
  readonly head: string;
  readonly tail: string;
  readonly frame: JsonObject;
  readonly delta: Record<string, unknown>;
  readonly key: TextKey;
  /** Set where the frame says nothing beside the string. */
  readonly plain: Plain | undefined;
}
const textKeys = ['reasoning_content', 'content', 'reasoning'] as const;
type TextKey = (typeof textKeys)[number];
/** Where the only text of a frame stands. */
export interface Plain {
  readonly key: TextKey;
  /** The index of its choice. */
  readonly index: number;
}
/** So many templates in a row that fitted nothing: this host changes something else in every frame. */
const mostMisses = 4;
/**
 * Parses the frames of one stream. Nearly all of an answer's time is spent on JSON whose every frame is the last
 * one but for a piece of text; where the rest is the same, character for character, only that piece is read.
 */
export class FrameReader {
  #template: Template | undefined;
  #misses = 0;

  /** What the next frame says, where it is the last one but for its text and neither says anything else. */
  plainText(data: string): string | undefined {
    return this.#template?.plain === undefined ? undefined : this.#text(data, this.#template);
  }

  /** Where a plain text stands. */
  get plain(): Plain | undefined {
    return this.#template?.plain;
  }

  /** The frame, valid until the next one is read; undefined where it is no JSON object. */
  read(data: string): JsonObject | undefined {
    const template = this.#template;
    const text = template && this.#text(data, template);
    if (template !== undefined && text !== undefined) {
      template.delta[template.key] = text;
      return template.frame;
    }
    const frame = parseObject(data);
    if (frame !== undefined && this.#misses < mostMisses) {
      this.#template = templateOf(data, frame);
      if (this.#template !== undefined) this.#misses++;
    }
    return frame;
  }

  #text(data: string, template: Template): string | undefined {
    if (!fits(data, template)) return undefined;
    const text = stringOf(data.slice(template.head.length, -template.tail.length));
    if (text !== undefined) this.#misses = 0;
    return text;
  }
}
/** Compared by slices, which is faster than `startsWith`. */
function fits(data: string, { head, tail }: Template): boolean {
  return (
    data.length >= head.length + tail.length &&
    data.slice(0, head.length) === head &&
    data.slice(-tail.length) === tail
  );
}
/** What stands between the quotes, if it is one string and nothing else. */
function stringOf(inner: string): string | undefined {
  // eslint-disable-next-line no-control-regex
  if (!/["\\\u0000-\u001f]/.test(inner)) return inner;
  try {
    return JSON.parse(`"${inner}"`) as string;
  } catch {
    return undefined;
  }
}
function templateOf(data: string, frame: JsonObject): Template | undefined {
  const delta = deltaOf(frame);
  const key = textKeys.find((one) => typeof delta?.[one] === 'string' && delta[one] !== '');
  if (delta === undefined || key === undefined) return undefined;
  const open = `"${key}":`;
  const member = `${open}${JSON.stringify(delta[key])}`;
  const at = data.indexOf(member);
  if (at === -1 || at !== data.lastIndexOf(member)) return undefined;
  const head = data.slice(0, at + open.length + 1);
  const tail = data.slice(at + member.length - 1);
  const made = { head, tail, frame, delta, key, plain: plainOf(frame, delta, key) };
  if (standsOnce(data, key)) return made;
  // The same text may stand in another place while this one is spelt in another way: a trial tells.
  const trial = parseObject(`${head}!${data.slice(head.length)}`);
  const isThere = trial !== undefined && deltaOf(trial)?.[key] === `!${String(delta[key])}`;
  return isThere ? made : undefined;
}
/** Whether the key's name is written once, and nothing is spelt in another way: then it is the key of this very string. */
function standsOnce(data: string, key: TextKey): boolean {
  const name = `"${key}"`;
  return !data.includes('\\') && data.indexOf(name) === data.lastIndexOf(name);
}
/** What in a frame says nothing, whatever its name. */
const says = (value: unknown): boolean => value !== undefined && value !== null && value !== '';
function plainOf(
  frame: JsonObject,
  delta: Record<string, unknown>,
  key: TextKey,
): Plain | undefined {
  const { choices, usage, error } = frame;
  if (!Array.isArray(choices) || choices.length !== 1 || says(usage) || says(error))
    return undefined;
  const choice = choices[0] as JsonObject;
  if (Object.keys(choice).some((name) => says(choice[name]) && !known.includes(name)))
    return undefined;
  if (Object.keys(delta).some((name) => says(delta[name]) && name !== key && name !== 'role')) {
    return undefined;
  }
  const { index } = choice;
  return { key, index: typeof index === 'number' ? index : 0 };
}
const known = ['index', 'delta'];
function deltaOf(frame: JsonObject): Record<string, unknown> | undefined {
  const choices = frame['choices'];
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const delta = isObject(choice) ? choice['delta'] : undefined;
  return isObject(delta) ? (delta as Record<string, unknown>) : undefined;
}
