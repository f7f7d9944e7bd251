import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { noAnswer } from './no-answer.ts';
import type { HttpServer } from './server-options.ts';

type SendOptions = NonNullable<Parameters<StreamableHTTPClientTransport['send']>[1]>;

const largestAnswer = 10_000_000;

/**
 * A server over streamable HTTP. It differs from the official transport in two things: no answer and no event of a stream may have more
 * than 10 MB, and a stream that ends without the answer, as where the server or a proxy dies, fails its request.
 */
export class HttpTransport extends StreamableHTTPClientTransport {
  constructor({ url, headers = {} }: HttpServer) {
    super(new URL(url), {
      requestInit: { headers: { ...headers } },
      fetch: async (input, init) => bounded(await fetch(input, init)),
    });
  }

  override send(message: JSONRPCMessage, options: SendOptions = {}): Promise<void> {
    if (!('method' in message && 'id' in message)) return super.send(message, options);
    const { id } = message;
    // Told also where the answer has come; then nobody waits for it any more.
    const unanswered = () =>
      this.onmessage?.(noAnswer(id, 'the stream ended before the answer came'));
    return super.send(message, { onRequestStreamEnd: unanswered, ...options });
  }
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
