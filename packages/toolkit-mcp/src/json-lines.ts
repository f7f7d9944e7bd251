import { parseJSONRPCMessage } from '@modelcontextprotocol/client';
import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { noAnswer } from './no-answer.ts';

const longestLine = 10_000_000;
const newline = 0x0a;

/** Puts the lines of a stream together and reads those that are messages. Banners and logs in between are passed over. */
export class JsonLines {
  #parts: Buffer[] = [];
  #size = 0;

  /** The messages that the chunk completes. Throws for a line that grows too long. */
  *push(chunk: Buffer): Generator<JSONRPCMessage> {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      this.#keep(chunk.subarray(from, end));
      from = end + 1;
      const line = Buffer.concat(this.#parts).toString();
      this.#parts = [];
      this.#size = 0;
      const message = read(line);
      if (message !== undefined) yield message;
    }
    this.#keep(chunk.subarray(from));
  }

  #keep(part: Buffer): void {
    this.#size += part.length;
    if (this.#size > longestLine) {
      this.#parts = [];
      throw new Error(`The server wrote a line of more than ${longestLine} bytes.`);
    }
    this.#parts.push(part);
  }
}

function read(line: string): JSONRPCMessage | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  try {
    return parseJSONRPCMessage(json);
  } catch {
    return asFailure(json);
  }
}

/** An answer that is none fails its request at once. */
function asFailure(json: unknown): JSONRPCMessage | undefined {
  if (typeof json !== 'object' || json === null || 'method' in json) return undefined;
  const { id } = json as { readonly id?: unknown };
  if (typeof id !== 'number') return undefined;
  return noAnswer(id, 'what it sent is no JSON-RPC');
}
