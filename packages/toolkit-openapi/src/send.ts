import { ToolError } from '@throughline/core';
import type { ReadyRequest } from './request.ts';
import { shown } from './trouble.ts';

/** What is needed to send a request and to tell its response. */
export interface Sending {
  /** The operation in words, such as `GET /pets/{petId}`: an address could hold a secret. */
  readonly title: string;
  readonly mayRedirect: boolean;
  readonly maxResultChars: number;
  /** Texts that no result may show. */
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
}

const mostRedirects = 5;

/** Sends a request and tells its response in words. Throws a `ToolError` for one that failed or whose status is not 2xx. */
export async function send(request: ReadyRequest, sending: Sending): Promise<string> {
  const response = await fetchWithin(request, sending);
  try {
    return await tell(response, request, sending);
  } finally {
    if (response.body !== null && !response.body.locked)
      await response.body.cancel().catch(noWords);
  }
}

function noWords(): void {
  // What comes after all that was wanted has nobody to be told to.
}

async function fetchWithin(request: ReadyRequest, sending: Sending): Promise<Response> {
  const { title, signal, mayRedirect } = sending;
  const { method, headers, body } = request;
  let { url } = request;
  for (let hops = 0; ; hops++) {
    const init = {
      method,
      headers,
      signal,
      redirect: 'manual' as const,
      ...(body === undefined ? {} : { body }),
    };
    const response = await fetch(url, init).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new ToolError(`${title} was not answered: ${reasonOf(error)}.`);
    });
    const location = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
    await response.body?.cancel().catch(noWords);
    const refuse = (why: string) =>
      new ToolError(
        `${title} answered ${response.status} with a redirect ${why}, which is not followed.`,
      );
    if (!URL.canParse(location, url.href)) throw refuse('to no address');
    const next = new URL(location, url.href);
    if (next.origin !== url.origin || next.username !== '' || next.password !== '') {
      throw refuse(`to another server, ${shown(next.origin)}`);
    }
    if (!mayRedirect) throw refuse(`of a ${method}`);
    if (hops >= mostRedirects) throw refuse(`after ${mostRedirects} others`);
    url = next;
  }
}

/** The system's code alone: messages of the HTTP client may hold a header or an address. */
function reasonOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string' && /^[A-Z0-9_]+$/.test(code)) return code;
  }
  return 'the connection failed';
}

async function tell(response: Response, request: ReadyRequest, sending: Sending): Promise<string> {
  const { title, signal } = sending;
  const { status, ok } = response;
  const type = response.headers.get('content-type') ?? '';
  const said = `${status}${response.statusText === '' ? '' : ` ${oneLine(response.statusText)}`}`;
  const most = ok ? sending.maxResultChars : Math.min(4_000, sending.maxResultChars);
  const isEmpty = request.method === 'HEAD' || response.body === null;
  const content = isEmpty
    ? undefined
    : await read(response, type, most).catch((error: unknown) => {
        signal.throwIfAborted();
        throw new ToolError(
          `${title} answered ${said}, but its content broke off: ${reasonOf(error)}.`,
        );
      });
  const lines = [`HTTP ${said}${type === '' ? '' : `, ${oneLine(type)}`}`];
  for (const name of ['location', 'link', 'retry-after']) {
    const value = response.headers.get(name);
    if (value !== null) lines.push(`${name}: ${oneLine(value)}`);
  }
  lines.push('', content === undefined || content === '' ? '(no content)' : content);
  const words = withoutSecrets(lines.join('\n'), sending.secrets);
  if (ok) return words;
  throw new ToolError(`${title} failed. ${words}`);
}

function oneLine(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

/** Reads as much as is told, counted after unpacking, and no more. */
async function read(response: Response, type: string, most: number): Promise<string> {
  const decoder = decoderOf(type);
  if (decoder === undefined) {
    const length = response.headers.get('content-length');
    return `(The content is no text${length === null ? '' : `, ${length} bytes`}, and is not shown.)`;
  }
  if (response.body === null) return '';
  let text = '';
  for await (const bytes of response.body) {
    text += decoder.decode(bytes, { stream: true });
    // Leaving the loop ends the connection.
    if (text.length > most) return cut(text, most);
  }
  return cut(text + decoder.decode(), most);
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).toWellFormed()}\n(Cut after ${most} characters; ask for less, or for the next page.)`;
}

function decoderOf(type: string): InstanceType<typeof TextDecoder> | undefined {
  const bare = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isText =
    bare === '' ||
    /^text[/]|[/+](json|xml|yaml|javascript|x-ndjson|x-www-form-urlencoded|jsonl|json-seq)$/.test(
      bare,
    );
  if (!isText) return undefined;
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(type)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

/** A server may answer with what it was sent. Shorter texts stand in a response by chance. */
const shortestSecret = 6;

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= shortestSecret)
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
    .reduce((words, secret) => words.replaceAll(secret, '[credential]'), text);
}
