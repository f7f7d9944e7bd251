import type { ReceivedResponse, SentRequest, Watcher } from './watch.ts';

/** A watcher that writes requests and responses as lines a person can read. */
export function debugWatcher(write: (line: string) => void): Watcher {
  return {
    onRequest: (request) => write(requestLines(request)),
    onResponse: (response) => write(responseLines(response)),
  };
}

/** Where `debug: true` writes: one block for each request and response, to stderr. */
export function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

function requestLines({ attempt, method, url, body }: SentRequest): string {
  const again = attempt === 1 ? '' : `  (attempt ${attempt})`;
  return `→ ${method} ${url}${again}${indent(readable(body))}`;
}

function responseLines({ status, durationMs, requestId, body }: ReceivedResponse): string {
  const id = requestId === undefined ? '' : `  request id ${requestId}`;
  return `← ${status} in ${Math.round(durationMs)} ms${id}${indent(readable(body))}`;
}

function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), shorten, 2);
  } catch {
    return body.trimEnd();
  }
}

/** Pictures and videos would fill the screen. */
function shorten(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('data:') || value.length < 200) return value;
  return `${value.slice(0, 60)}… (${value.length} characters)`;
}

function indent(text: string): string {
  return text === '' ? '' : `\n${text.replace(/^/gm, '  ')}`;
}
