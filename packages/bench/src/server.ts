// Answers from memory, in a process of its own: what it says was written before it is asked, so that its own work
// is alike for all. Prints its URL, and ends with the process that started it.
//
//   /<scenario>/chat/completions   the next answer of the run whose messages are sent; a scenario is `steps=50&deltas=36`
//   /seen                          what was seen since the last time this was asked
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerAt, toScenario } from './script.ts';
import type { Scenario } from './script.ts';

/** What the server can tell of a run better than the client. */
export interface Seen {
  requests: number;
  /** Of the last request: its messages with reasoning, and its bytes. */
  reasoning: number;
  bytes: number;
  /** From the last byte of an answer to the first one of the next request, in milliseconds. */
  gapsMs: number[];
  /** When the last stream ended, in milliseconds since 1970. */
  endedAtMs: number;
}

const nothing = (): Seen => ({ requests: 0, reasoning: 0, bytes: 0, gapsMs: [], endedAtMs: 0 });
let seen = nothing();

const server = createServer((request, response) => {
  if (request.url === '/seen') {
    response.end(JSON.stringify(seen));
    seen = nothing();
    return;
  }
  if (seen.endedAtMs > 0) seen.gapsMs.push(now() - seen.endedAtMs);
  serve(request, response).catch((error: unknown) => response.destroy(error as Error));
});
// A busy client may be slow to use a connection again, and a loop written by hand does not ask twice.
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('disconnect', () => process.exit());

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const scenario = toScenario((request.url ?? '').split('/')[1] ?? '');
  seen.requests++;
  seen.bytes = body.length;
  seen.reasoning = count(body, '"reasoning_content":"');
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const given = count(body, '"role":"tool"') / scenario.calls;
  await write(response, scenario, answerAt(scenario, given));
}

/** Chunk by chunk, as a network would bring them; after the first call it pauses, where the scenario says so. */
async function write(
  response: ServerResponse,
  { pauseMs }: Scenario,
  chunks: readonly Buffer[],
): Promise<void> {
  for (const [at, chunk] of chunks.entries()) {
    if (at === chunks.length - 1) break;
    const flows = response.write(chunk);
    await new Promise<void>((resolve) => {
      if (pauseMs > 0) setTimeout(resolve, pauseMs);
      else if (flows) setImmediate(resolve);
      else response.once('drain', resolve);
    });
  }
  response.end(chunks.at(-1));
  seen.endedAtMs = now();
}

function count(body: Buffer, text: string): number {
  let found = 0;
  for (let at = body.indexOf(text); at !== -1; at = body.indexOf(text, at + 1)) found++;
  return found;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
