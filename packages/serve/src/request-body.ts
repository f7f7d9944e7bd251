import { HttpError } from './http-error.ts';

/** A JSON object of the client: nothing about it is known. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * The body of a request as a JSON object, read up to `maxBytes`. Refuses every content type but JSON: a page of a foreign origin cannot
 * send that one without asking the host first.
 */
export async function jsonBody(request: Request, maxBytes: number): Promise<Fields> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new HttpError(415, {
      code: 'unsupported_media_type',
      message: 'The body must have the content type application/json.',
    });
  }
  const text = await textUpTo(request, maxBytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest('The body is not valid JSON.');
  }
  if (!isFields(value)) throw badRequest('The body must be a JSON object.');
  return value;
}

export function badRequest(message: string): HttpError {
  return new HttpError(400, { code: 'bad_request', message });
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The id of a session that a client names: a text as stores take it. `field` names it in the error. */
export function sessionIdIn(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= 200) return value;
  throw badRequest(`${field} must be a text of 1 to 200 characters.`);
}

/** Throws 405 for another method than these. */
export function checkMethod(request: Request, allowed: readonly string[]): void {
  if (allowed.includes(request.method)) return;
  throw new HttpError(405, {
    code: 'method_not_allowed',
    message: `This address takes ${allowed.join(' and ')}, not ${request.method.slice(0, 20)}.`,
    headers: { allow: allowed.join(', ') },
  });
}

/** The length that a request claims is not believed: the bytes are counted. */
async function textUpTo(request: Request, maxBytes: number): Promise<string> {
  if (request.body === null) return '';
  const reader = request.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      // Not awaited: a source that ignores it would hold the answer up.
      void reader.cancel().catch(() => {});
      throw new HttpError(413, {
        code: 'body_too_large',
        message: `The body has more than ${maxBytes} bytes. Send only what is new: the session holds the rest.`,
      });
    }
    try {
      text += decoded(decoder, value);
    } catch (error) {
      void reader.cancel().catch(() => {});
      throw error;
    }
  }
  return text + decoded(decoder);
}

function decoded(decoder: InstanceType<typeof TextDecoder>, bytes?: Uint8Array): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    throw badRequest('The body is not valid UTF-8.');
  }
}
