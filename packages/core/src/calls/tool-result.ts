import { wordsOf } from '../base/error.ts';
import type { Content, ContentPart } from '../base/message.ts';
import type { Json } from '../base/model.ts';
import type { Tool } from '../tool/tool.ts';
import { sendableContent } from './sendable-content.ts';

/** What the model and the host get of a tool's value; or why it cannot be told. */
export type ToldResult =
  | { readonly content: Content; readonly output?: Json }
  | { readonly reason: string };

/** Puts a tool's value into words for the model, cut to the tool's `maxResultChars`. */
export function tellResult(
  { toModel, maxResultChars }: Pick<Tool, 'toModel' | 'maxResultChars'>,
  value: unknown,
): ToldResult {
  try {
    if (toModel === undefined) return { content: told(toContent(value), maxResultChars) };
    const content = told(chosen(toModel(value)), maxResultChars);
    const output = asJson(value);
    return 'reason' in output ? { content } : { content, output: output.json };
  } catch (error) {
    return { reason: wordsOf(error) };
  }
}

/** The value as plain JSON, a copy; or why it is none. */
export function asJson(value: unknown): { readonly json: Json } | { readonly reason: string } {
  try {
    return { json: JSON.parse(toJson(value)) as Json };
  } catch (error) {
    return { reason: wordsOf(error) };
  }
}

/** Keeps the head and the tail, the head being the larger part, and says what is missing between them. */
export function cut(text: string, most: number): string {
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

function toContent(value: unknown): Content {
  if (value === undefined) return 'Done. The tool returned nothing.';
  if (typeof value === 'string') return value;
  if (isParts(value)) return value;
  return isMcpParts(value) ? value.map(fromMcp) : toJson(value);
}

/** What `toModel` chose; a message without content would be refused by the endpoint. */
function chosen(content: unknown): Content {
  if (Array.isArray(content) && content.length === 0) return '';
  if (typeof content === 'string' || isParts(content)) return content;
  const found = content instanceof Promise ? 'a promise' : `a value of type ${typeof content}`;
  throw new TypeError(`toModel returned ${found}, which is neither text nor message parts`);
}

function toJson(value: unknown): string {
  refuseLossy('', value);
  const text: string | undefined = JSON.stringify(value ?? null);
  if (text === undefined) throw new TypeError(`a ${typeof value} is not JSON`);
  // Only then something may have been lost inside; looking at every part costs more than writing it.
  const isLossy = /\{\}|\{"0":|\\ud[89a-f]/.test(text);
  return isLossy ? JSON.stringify(value, refuseLossy) : text;
}

/** JSON.stringify would make `{}` of these, and all they hold would be lost without a word. */
function refuseLossy(key: string, value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if ('toJSON' in value) return value;
  if (value instanceof Error) {
    if (key !== '') return { ...value, name: value.name, message: value.message };
    throw new TypeError(`it is an error, which a tool throws: ${value.message}`);
  }
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
  if (isPlain || (Object.keys(value).length > 0 && !ArrayBuffer.isView(value))) return value;
  const where = key === '' ? '' : ` ("${key}")`;
  const kind = value.constructor?.name ?? 'value';
  const read =
    value instanceof Uint8Array || 'arrayBuffer' in value ? '; read it into text first' : '';
  throw new TypeError(`a ${kind}${where} is not JSON${read}`);
}

/** The parts of an MCP result, which many tools pass on as they are. */
type McpPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly data: string; readonly mimeType: string };

function isMcpParts(value: unknown): value is readonly McpPart[] {
  if (!Array.isArray(value) || !value.some((part) => part?.type === 'image')) return false;
  return value.every((part: Partial<Record<string, unknown>> | null) =>
    part?.['type'] === 'image'
      ? typeof part['data'] === 'string' && typeof part['mimeType'] === 'string'
      : part?.['type'] === 'text' && typeof part['text'] === 'string',
  );
}

function fromMcp(part: McpPart): ContentPart {
  if (part.type === 'text') return { type: 'text', text: part.text };
  return { type: 'image_url', image_url: { url: `data:${part.mimeType};base64,${part.data}` } };
}

function isParts(value: unknown): value is readonly ContentPart[] {
  return Array.isArray(value) && value.length > 0 && value.every(isPart);
}

/** Strict, so that rows of data that only look like parts are told as the JSON they are. */
function isPart(part: unknown): part is ContentPart {
  if (typeof part !== 'object' || part === null || Object.keys(part).length !== 2) return false;
  const { type, text, image_url, video_url } = part as Readonly<Record<string, unknown>>;
  if (type === 'text') return typeof text === 'string';
  const media = type === 'image_url' ? image_url : type === 'video_url' ? video_url : undefined;
  return typeof (media as { url?: unknown } | null | undefined)?.url === 'string';
}

/** Mended first, so that what is cut is what is sent. */
function told(content: Content, most: number): Content {
  return cutText(sendableContent(content), most);
}

function cutText(content: Content, most: number): Content {
  if (typeof content === 'string') return cut(content, most);
  const all = content.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : 0), 0);
  if (all <= most) return content;
  return content.map((part) =>
    part.type === 'text'
      ? { ...part, text: cut(part.text, Math.floor((most * part.text.length) / all)) }
      : part,
  );
}
