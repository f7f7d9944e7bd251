import type { ReceivedResponse, SentRequest } from './watch.ts';

/** Writes requests and responses as lines a person can read: to stderr, or to a function that takes lines. */
export function debugWriter(debug: true | ((line: string) => void)) {
  const write = debug === true ? toStderr : debug;
  return {
    onRequest: (request: SentRequest) => write(requestLines(request)),
    onResponse: (response: ReceivedResponse) => write(responseLines(response)),
  };
}

function toStderr(line: string): void {
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
