import type { Incoming } from '../wire/exchange.ts';
import { isObject, parseObject, textOf } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';

/** What an error body says, whoever wrote it. */
export interface Refusal {
  /** The endpoint's own words, without the request id; may be empty. */
  readonly text: string;
  readonly type: string;
  readonly code: string;
  readonly requestId?: string;
}

/** An error page longer than this says nothing more. */
const longestPage = 64 * 1024;
/** Once the status is known, its page is worth no longer wait. */
const pageMs = 5000;

/** The body of a response with a bad status, as far as it comes soon; closes it. Rejects with the signal's reason. */
export async function readPage(incoming: Incoming, signal: AbortSignal): Promise<string> {
  let page = '';
  const untilMs = performance.now() + pageMs;
  incoming.heardData();
  incoming.hasten(pageMs);
  try {
    for (let text = await incoming.read(); text !== undefined; text = await incoming.read()) {
      page += text;
      if (page.length > longestPage || performance.now() > untilMs) break;
    }
  } catch (error) {
    // A page that breaks off has still told its status, unless the caller no longer wants to know.
    if (signal.aborted) throw error;
  } finally {
    incoming.close();
  }
  return page;
}

const idSuffix = /\s*\(request id: ([^)]*)\)/i;

/**
 * Reads an error body of any of the shapes of the contract's section 5: Moonshot's and the gateway's
 * `{error:{…}}` with any subset of fields, Anthropic's nested one, SiliconFlow's flat `{code,message,data}`,
 * a bare string, an HTML page, nothing.
 */
export function readRefusal(body: string): Refusal {
  const json = parseObject(body);
  if (json !== undefined) return fromJson(json);
  const page = /^\s*</.test(body) ? wordsOf(body) : body.trim();
  return finish(page.slice(0, 500), '', '');
}

/** The same for a body or a stream's frame that is already parsed. */
export function fromJson(json: JsonObject): Refusal {
  const nested = json['error'];
  if (typeof nested === 'string') return finish(nested, word(json['type']), word(json['code']));
  const source = isObject(nested) ? innermost(nested) : json;
  const text = textOf(source['message']) ?? textOf(source['detail']) ?? textOf(source['msg']) ?? '';
  const read = finish(text, word(source['type']), word(source['code']));
  const id = textOf(source['request_id']) ?? textOf(json['request_id']);
  return read.requestId === undefined && id !== undefined ? { ...read, requestId: id } : read;
}

function innermost(error: JsonObject): JsonObject {
  return isObject(error['error']) ? error['error'] : error;
}

/** Codes come as words, as numbers, as `null` and as Go's `<nil>`. */
function word(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '<nil>' ? value : '';
}

function finish(text: string, type: string, code: string): Refusal {
  const requestId = idSuffix.exec(text)?.[1];
  const said = text.replace(idSuffix, '').trim();
  return { text: said, type, code, ...(requestId ? { requestId } : {}) };
}

/** A page's title, or its first words, so that a person sees which page it was. */
function wordsOf(page: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(page)?.[1]?.trim();
  if (title) return title;
  const bare = page.replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
  return bare.replace(/\s+/g, ' ').trim().slice(0, 200);
}

const requestIdHeaders = [
  'x-oneapi-request-id',
  'x-request-id',
  'msh-request-id',
  'x-msh-trace-id',
  'x-trace-id',
];

/** The endpoint's id of a request, from its headers: the gateway's own first, then the upstream's. */
export function requestIdOf(headers: Headers): string | undefined {
  for (const name of requestIdHeaders) {
    const id = headers.get(name);
    if (id) return id;
  }
  return undefined;
}
