import type { Content, ContentPart } from './message.ts';
import type { Json } from './model.ts';
import type { Tool } from './tool.ts';

/** What the model and the host get of a tool's value; or why it cannot be told. */
export type ToldResult =
  | { readonly content: Content; readonly output?: Json }
  | { readonly problem: string };

/** Puts a tool's value into words for the model, cut to the tool's `maxResultChars`. */
export function tellResult(tool: Tool, value: unknown): ToldResult {
  try {
    const content = tool.toModel === undefined ? toContent(value) : tool.toModel(value);
    const bounded = bound(content, tool.maxResultChars);
    if (tool.toModel === undefined) return { content: bounded };
    return { content: bounded, output: JSON.parse(toJson(value)) as Json };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function toContent(value: unknown): Content {
  if (value === undefined) return 'Done. The tool returned nothing.';
  if (value === '') return 'Done. The tool returned an empty text.';
  if (typeof value === 'string') return value;
  return isParts(value) ? value : toJson(value);
}

function toJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value ?? null);
  if (text === undefined) throw new TypeError(`a ${typeof value} is not JSON`);
  return text;
}

function isParts(value: unknown): value is readonly ContentPart[] {
  const types = ['text', 'image_url', 'video_url'];
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((part: unknown) => {
      const { type } = (part ?? {}) as { type?: unknown };
      return typeof type === 'string' && types.includes(type) && type in Object(part);
    })
  );
}

function bound(content: Content, most: number): Content {
  if (typeof content === 'string') return cut(content, most);
  return content.map((part) =>
    part.type === 'text' ? { ...part, text: cut(part.text, most) } : part,
  );
}

/** Keeps the head and the tail, the head being the larger part, and says what is missing between them. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = text.slice(0, whole(text, Math.ceil(most * 0.7)));
  const tail = text.slice(whole(text, text.length - Math.floor(most * 0.3)));
  const missing = text.length - head.length - tail.length;
  return (
    `${head}\n[… ${missing} of ${text.length} characters were cut out here, because the result is too long. ` +
    `To see them, call again for a smaller part. …]\n${tail}`
  );
}

/** Moves a cut that would split a surrogate pair before the pair. */
function whole(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
