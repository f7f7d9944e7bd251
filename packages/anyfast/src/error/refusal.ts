/**
 * Reads what an error body says, in each shape that hosts give it: the words, the codes, the wait and the request id, from
 * every place and depth where hosts put them. What it means is for `classify` to say.
 */

import { longestForeign, oneLine } from '../wire/foreign-text.ts';
import { isObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import { summaryOfPage } from './page.ts';
import { waitOf } from './retry-after.ts';

/** What an error body says, of the endpoint or of a gateway before it. */
export interface Refusal {
  /** The host's own words in one line, without the request id and the keys; may be empty. */
  readonly text: string;
  /** All types and codes that it names, in lower case, the outermost first. */
  readonly codes: readonly string[];
  /** How long it asks us to wait, in milliseconds, where a field of it says so. */
  readonly waitMs?: number;
  readonly requestId?: string;
}

type Redact = (text: string) => string;

/**
 * Reads a body of any shape: Moonshot's and the gateway's `{error:{…}}` with any subset of fields, Anthropic's nested one,
 * SiliconFlow's flat `{code,message,data}`, FastAPI's `{detail:[…]}`, Google's list of errors, OpenRouter's `metadata.raw`, a
 * bare string, JSON that breaks off, an HTML page, nothing.
 */
export function readRefusal(body: string, redact: Redact): Refusal {
  const json = jsonOf(body);
  if (json !== undefined) return fromJson(json.value, redact);
  const told = isPage(body) ? summaryOfPage(body) : (messageIn(body) ?? body);
  return new Reader(redact).said(told);
}

/** The same for a body or a stream's frame that is already parsed. */
export function fromJson(json: unknown, redact: Redact): Refusal {
  const reader = new Reader(redact);
  reader.read(json, 0);
  return reader.refusal();
}

/** Whether a body is a web page. */
export function isPage(body: string): boolean {
  return body.slice(0, longestForeign).trimStart().startsWith('<');
}

function jsonOf(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { value } : undefined;
  } catch {
    return undefined;
  }
}

/** The message in JSON that broke off, or of which only the beginning was read. */
function messageIn(body: string): string | undefined {
  const quoted = /"(?:message|msg|detail)"\s*:\s*("(?:[^"\\]|\\.){1,2000})/i.exec(body)?.[1];
  if (quoted === undefined) return undefined;
  try {
    return JSON.parse(`${quoted}"`) as string;
  } catch {
    return quoted.slice(1);
  }
}

/** Deeper than this no host goes, and more places than these only an attacker fills. */
const deepest = 8;
const mostPlaces = 200;
const mostTexts = 8;

/** Keys without `_` and `-`, in lower case, since hosts spell them in every way. */
const saying = new Set(
  'message msg detail details error errors err errormessage errormsg errordescription statusmsg description title raw body response cause data metadata reason innererror innererrors upstreamerror providererror originalerror baseresp'.split(
    ' ',
  ),
);
const naming = new Set('type code errortype errorcode statuscode status errorstatus'.split(' '));
const waiting = new Set(
  'retryafter retryafterseconds retryaftersec retrydelay retryin resetafter retryafterms'.split(
    ' ',
  ),
);

class Reader {
  readonly #redact: Redact;
  readonly #texts: string[] = [];
  readonly #codes: string[] = [];
  #waitMs: number | undefined;
  #requestId: string | undefined;
  #places = 0;

  constructor(redact: Redact) {
    this.#redact = redact;
  }

  read(value: unknown, depth: number): void {
    if (++this.#places > mostPlaces || depth > deepest) return;
    if (typeof value === 'string') return this.#readText(value, depth);
    if (Array.isArray(value)) {
      for (const one of value.slice(0, mostTexts)) this.read(one, depth + 1);
      return;
    }
    if (!isObject(value)) return;
    // Names and waits first, so that the outermost of each stands before those of what is inside.
    for (const [name, one] of Object.entries(value).slice(0, mostPlaces))
      this.#readField(name, one);
    for (const [name, one] of inOrder(value)) {
      if (saying.has(name) && !naming.has(name)) this.read(one, depth + 1);
      else if (name === 'headers' && isObject(one)) this.read(one, depth + 1);
    }
  }

  #readField(name: string, value: unknown): void {
    const key = bare(name);
    if (naming.has(key)) return this.#name(value);
    if (waiting.has(key)) {
      const waitMs = key.endsWith('ms') ? waitOf(`${String(value)}ms`) : waitOf(value);
      this.#waitMs ??= waitMs;
    }
    if (key === 'requestid' && typeof value === 'string' && value !== '') this.#requestId ??= value;
  }

  /** Codes come as words, as numbers, as `null` and as Go's `<nil>`. */
  #name(value: unknown): void {
    if (typeof value === 'number') this.#codes.push(String(value));
    else if (typeof value === 'string' && value !== '' && value !== '<nil>')
      this.#codes.push(value.slice(0, 100).toLowerCase());
  }

  /** A text may be JSON, or end with it: `Provider returned error: {"error":…}`. JSON that says nothing is words. */
  #readText(text: string, depth: number): void {
    const at = text.search(/\{|\[\s{0,4}\{/);
    const json = at === -1 ? undefined : jsonOf(text.slice(at));
    if (json === undefined) return this.#say(text);
    const inner = new Reader(this.#redact);
    inner.#places = this.#places;
    inner.read(json.value, depth + 1);
    this.#places = inner.#places;
    if (inner.#texts.length === 0) return this.#say(text);
    this.#say(text.slice(0, at).replace(/[:\s-]{1,20}$/, ''));
    for (const said of inner.#texts) this.#say(said);
    this.#codes.push(...inner.#codes);
    this.#waitMs ??= inner.#waitMs;
    this.#requestId ??= inner.#requestId;
  }

  #say(text: string): void {
    const { said, requestId } = withoutId(oneLine(this.#redact(text)));
    if (requestId !== undefined) this.#requestId = requestId;
    if (said === '' || this.#texts.length >= mostTexts) return;
    if (this.#texts.some((one) => one.includes(said))) return;
    const kept = this.#texts.filter((one) => !said.includes(one));
    this.#texts.splice(0, this.#texts.length, ...kept, said);
  }

  said(text: string): Refusal {
    this.#say(text);
    return this.refusal();
  }

  refusal(): Refusal {
    const id =
      this.#requestId === undefined ? undefined : oneLine(this.#redact(this.#requestId), 200);
    return {
      text: this.#texts.join(': ').slice(0, longestForeign),
      codes: this.#codes,
      ...(this.#waitMs === undefined ? {} : { waitMs: this.#waitMs }),
      ...(id ? { requestId: id } : {}),
    };
  }
}

/** The fields with their keys spelt alike; the words of a place before those of what is inside it. */
function inOrder(value: JsonObject): readonly (readonly [string, unknown])[] {
  const fields = Object.entries(value)
    .slice(0, mostPlaces)
    .map(([name, one]) => [bare(name), one] as const);
  const isText = ([, one]: readonly [string, unknown]): number => (typeof one === 'string' ? 0 : 1);
  return fields.sort((a, b) => isText(a) - isText(b));
}

function bare(name: string): string {
  return name.slice(0, 50).replace(/[_-]/g, '').toLowerCase();
}

/** The gateway puts its id behind the words; where one stands behind another, the last is the outermost gateway's. */
function withoutId(line: string): { readonly said: string; readonly requestId?: string } {
  let requestId: string | undefined;
  const said = line.replace(/\(request[ _]id:? ?([^()]{0,200})\)/gi, (_, id: string) => {
    requestId = id.trim();
    return '';
  });
  return { said: said.replace(/ {1,8}/g, ' ').trim(), ...(requestId ? { requestId } : {}) };
}
