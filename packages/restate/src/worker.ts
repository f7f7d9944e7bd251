import { createServer } from 'node:http2';
import type { Http2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createEndpointHandler } from '@restatedev/restate-sdk';
import type { LoggerTransport } from '@restatedev/restate-sdk';
import { checkOptions } from '@throughline/core';
import type { DurableAgent } from './durable-agent.ts';

export interface WorkerOptions {
  /** What this process runs, e.g. `[durable(agent)]`. */
  readonly agents: readonly DurableAgent[];
  /** Default: any free port. */
  readonly port?: number;
  /** The address it listens on. Default: 127.0.0.1. For another one pass `identityKeys`, too: who reaches a worker can run its agents. */
  readonly host?: string;
  /** The public keys of the Restate servers that may speak to this worker. Default: everybody who reaches it. */
  readonly identityKeys?: readonly string[];
  /** Takes the lines of the SDK's log. Default: none is written. */
  readonly logger?: LoggerTransport;
}

/** A process, or a part of one, in which runs are carried out. */
export interface Worker {
  /** What the server of Restate is told: see `registerWorker`. */
  readonly url: string;
  /** Stops at once. The runs that were under way go on where another worker is, or once this one is there again. */
  close(): Promise<void>;
}

/** Serves agents to a Restate server. Rejects where the port is not free. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  checkOptions('startWorker()', options, known);
  const { agents, port = 0, host = '127.0.0.1', identityKeys = [], logger = () => {} } = options;
  fillIn();
  const endpoint = createEndpointHandler({
    services: agents.flatMap((agent) => [...agent]) as never,
    identityKeys: [...identityKeys],
    logger,
  });
  const server = createServer(endpoint);
  const open = new Set<Http2Session>();
  server.on('session', (session) => {
    open.add(session);
    session.on('close', () => open.delete(session));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of open) session.destroy();
      await closed;
    },
  };
}

const known: Readonly<Record<keyof WorkerOptions, true>> = {
  agents: true,
  port: true,
  host: true,
  identityKeys: true,
  logger: true,
};

/** The SDK of Restate uses what Node has only from 22 on; without it each run would be tried again for ever. */
function fillIn(): void {
  const promise = Promise as { withResolvers?: unknown };
  promise.withResolvers ??= function withResolvers<T>(this: PromiseConstructor) {
    let resolve: (value: T | PromiseLike<T>) => void = () => {};
    let reject: (reason?: unknown) => void = () => {};
    const made = new Promise<T>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    return { promise: made, resolve, reject };
  };
}

/** Tells a Restate server of a worker, by the address of the server's admin API. Rejects where it refuses, with its words. */
export async function registerWorker(adminUrl: string, workerUrl: string): Promise<void> {
  const response = await fetch(new URL('/deployments', adminUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: workerUrl, force: true }),
  });
  if (response.ok) return void (await response.arrayBuffer());
  throw new Error(
    `The Restate server at ${adminUrl} did not take the worker ${workerUrl}: ${response.status} ${(await response.text()).slice(0, 300)}`,
  );
}
