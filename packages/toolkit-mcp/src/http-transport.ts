import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { HttpServer } from './server-options.ts';

const largestAnswer = 10_000_000;

/** A server over streamable HTTP. No answer and no event of a stream may have more than 10 MB. */
export function httpTransport({ url, headers = {} }: HttpServer): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...headers } },
    fetch: async (input, init) => bounded(await fetch(input, init)),
  });
}

function bounded(response: Response): Response {
  const { body, status, statusText, headers } = response;
  if (body === null) return response;
  const isStream = headers.get('content-type')?.includes('text/event-stream') ?? false;
  const counted = body.pipeThrough(counter(isStream));
  return new Response(counted, { status, statusText, headers });
}

/** Counts bytes, of a stream of events those since the last blank line. */
function counter(isStream: boolean): TransformStream<Uint8Array, Uint8Array> {
  let count = 0;
  let tail = '';
  return new TransformStream({
    transform(chunk, controller) {
      count += chunk.byteLength;
      if (isStream) {
        const text = tail + Buffer.from(chunk).toString('latin1');
        const end = Math.max(...['\n\n', '\r\r', '\n\r\n'].map((mark) => text.lastIndexOf(mark)));
        if (end >= 0) count = text.length - end;
        tail = text.slice(-2);
      }
      if (count > largestAnswer) {
        throw new Error(`The server sent more than ${largestAnswer} bytes in one message.`);
      }
      controller.enqueue(chunk);
    },
  });
}
