import type { IncomingMessage, ServerResponse } from 'node:http';
import { ThroughlineError } from '@throughline/core';

/** More than this is no decision and no message of a person. */
const mostOfBody = 4_000_000;

const always = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/** What one request asks, and where its answer goes. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** The path that the client asked for, the inspector's own mount included. */
  readonly url: URL;
  /** Aborted when the client has left. */
  readonly signal: AbortSignal;
}

/** What answers requests, by the last word of their path. */
export type Answers = Readonly<Record<string, (exchange: Exchange) => Promise<void>>>;

export function head(
  outgoing: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
): ServerResponse {
  return outgoing.writeHead(status, { ...always, ...headers });
}

export function sendJson(outgoing: ServerResponse, value: unknown, status = 200): void {
  head(outgoing, status, { 'content-type': 'application/json; charset=utf-8' }).end(
    JSON.stringify(value),
  );
}

/** What is to be saved. Never as HTML: on our own origin it would be a page with a stranger's data. */
export function sendFile({ outgoing }: Exchange, content: string | Uint8Array): void {
  head(outgoing, 200, { 'content-type': 'application/octet-stream' }).end(content);
}

/** An error for the page: its code and its words. */
export function sendError(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  const code = error instanceof ThroughlineError ? error.code : 'error';
  const message = error instanceof Error ? error.message : String(error);
  const status = code === 'session_not_found' ? 404 : code === 'error' ? 500 : 409;
  sendJson(outgoing, { error: { code, message } }, status);
}

/** The parameter of the query. Throws where there is none. */
export function wanted({ url }: Exchange, name: string): string {
  const value = url.searchParams.get(name);
  if (value === null || value === '')
    throw new ThroughlineError('invalid_input', `The request names no "${name}".`);
  return value;
}

/** A whole number of the query. */
export function wantedNumber(exchange: Exchange, name: string): number {
  const number = Number(wanted(exchange, name));
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new ThroughlineError('invalid_input', `"${name}" must be a whole number from 0.`);
}

/** What the page has posted. Throws for what is no JSON object, or too large. */
export async function posted({ incoming }: Exchange): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to its end all the same: a client that is cut off in the middle never reads the answer.
    if (size <= mostOfBody) chunks.push(chunk);
  }
  if (size > mostOfBody) {
    const words = `The request has ${size} bytes, more than ${mostOfBody}.`;
    throw new ThroughlineError('invalid_input', words);
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof body === 'object' && body !== null && !Array.isArray(body))
      return body as Record<string, unknown>;
  } catch {
    // told below
  }
  throw new ThroughlineError('invalid_input', 'The request’s body is no JSON object.');
}
