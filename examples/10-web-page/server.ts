import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Agent, CallPending, Decision } from '@throughline/core';
import { ThroughlineError } from '@throughline/core';

/** What a reader of the page is shown. Errors of tools, with their stacks, stay here. */
const shown = new Set([
  'reasoning.delta',
  'text.delta',
  'call.start',
  'call.end',
  'call.pending',
  'step.retry',
  'run.end',
]);

/** Serves the page, and each question as a run whose events are streamed. A reader who leaves aborts the run. */
export class PageServer {
  readonly #agent: Agent;
  readonly #page: string;
  readonly #log: (line: string) => void;
  readonly #waiting = new Map<string, (decision: Decision) => void>();
  readonly #server: Server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => {
      this.#log(`A request failed: ${String(error)}`);
      response.destroy();
    });
  });

  constructor(agent: Agent, page: string, log: (line: string) => void) {
    this.#agent = agent;
    this.#page = page;
    this.#log = log;
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://${this.#host}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host, origin } = request.headers;
    // A page of another site may not ask, whatever name it has for this machine.
    const foreign = host !== this.#host || (origin !== undefined && origin !== `http://${host}`);
    if (foreign) return void response.writeHead(403).end('Only the page of this server may ask.');
    const what = `${request.method} ${request.url}`;
    if (what === 'GET /') {
      const page = await readFile(this.#page);
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
    } else if (what === 'POST /runs') await this.#run(await text(request), response);
    else if (what === 'POST /decisions') this.#decided(await text(request), response);
    else response.writeHead(404).end(`There is no ${what}.`);
  }

  // #region run
  async #run(question: string, response: ServerResponse): Promise<void> {
    const left = new AbortController();
    response.on('close', () => left.abort(new Error('The reader left.')));
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    try {
      const decide = this.#asked.bind(this);
      for await (const event of this.#agent.stream(question, { signal: left.signal, decide })) {
        if (shown.has(event.type)) response.write(`data: ${JSON.stringify(event)}\n\n`);
      }
      this.#log('A run ended.');
    } catch (error) {
      // What the reader is told of a failure is in `run.end` already.
      const why = left.signal.aborted ? 'The reader left: the run is aborted.' : undefined;
      if (why === undefined && !(error instanceof ThroughlineError)) throw error;
      this.#log(why ?? `A run failed: ${(error as Error).message}`);
    } finally {
      response.end();
    }
  }
  // #endregion

  /** The run waits until the page has sent a decision; whoever leaves the page decides nothing. */
  #asked({ id }: CallPending, { signal }: { readonly signal: AbortSignal }): Promise<Decision> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, resolve);
      signal.addEventListener('abort', () => {
        this.#waiting.delete(id);
        reject(signal.reason as Error);
      });
    });
  }

  #decided(body: string, response: ServerResponse): void {
    const { id, approve } = JSON.parse(body) as { id: string; approve: unknown };
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (resolve === undefined) return void response.writeHead(404).end('No such call waits.');
    resolve(approve === true ? { approve } : { refuse: 'The person said no.' });
    response.writeHead(204).end();
  }
}
