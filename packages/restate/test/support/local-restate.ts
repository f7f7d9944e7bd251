import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyAgent } from '@throughline/core';
import {
  durable,
  registerWorker,
  restateClient,
  startServer,
  startWorker,
} from '../../src/index.ts';
import type { DurableOptions, RestateClient, Server, Worker } from '../../src/index.ts';

/** A Restate server of its own for a test file, and workers within this process. */
export interface LocalRestate {
  readonly server: Server;
  /** Serves the agent under a name that nobody else has, and gives a client for it. */
  serve(agent: AnyAgent, options?: DurableOptions): Promise<Served>;
  /** How Restate says that a run stands. */
  statusOf(runId: string): Promise<string | undefined>;
  /** What the last attempt at a run failed with. */
  failureOf(runId: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

export interface Served {
  readonly client: RestateClient;
  readonly worker: Worker;
  /** Another worker in its place, which knows nothing of what this one has under way. */
  replace(agent: AnyAgent): Promise<void>;
}

export async function localRestate(): Promise<LocalRestate> {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-restate-'));
  const server = await startServer({ dir });
  const workers: Worker[] = [];
  let count = 0;
  return {
    server,
    async serve(agent, options) {
      const name = options?.name ?? `agent${++count}`;
      const { ingressUrl } = server;
      const retryPolicy = { initialInterval: 50, maxInterval: 500 };
      const start = async (agent: AnyAgent, port: number) => {
        const restate = { retryPolicy, ...options?.restate };
        const service = durable(agent, { ingressUrl, ...options, name, restate });
        const worker = await startWorker({ agents: [service], port });
        workers.push(worker);
        return worker;
      };
      const worker = await start(agent, 0);
      await registerWorker(server.adminUrl, worker.url);
      return {
        client: restateClient({ agent: name, url: ingressUrl }),
        worker,
        async replace(agent) {
          await worker.close();
          await start(agent, Number(new URL(worker.url).port));
        },
      };
    },
    async statusOf(runId) {
      const [row] = await query<{ status: string }>(
        server,
        `SELECT status FROM sys_invocation WHERE target_service_key = '${runId}' AND target_handler_name = 'run'`,
      );
      return row?.status;
    },
    async failureOf(runId) {
      const [row] = await query<{ last_failure?: string }>(
        server,
        `SELECT last_failure FROM sys_invocation WHERE target_service_key = '${runId}' AND target_handler_name = 'run'`,
      );
      return row?.last_failure;
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.close()));
      await server.stop('SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The names of the entries in a run's journal, in order. */
export async function journalOf(server: Server, runId: string): Promise<readonly string[]> {
  const rows = await query<{ name?: string; entry_type: string }>(
    server,
    `SELECT j.name, j.entry_type FROM sys_journal j JOIN sys_invocation i ON j.id = i.id WHERE i.target_service_key = '${runId}' AND i.target_handler_name = 'run' ORDER BY j.index`,
  );
  return rows.map(({ name, entry_type }) => `${entry_type} ${name ?? ''}`.trim());
}

async function query<Row>(server: Server, text: string): Promise<readonly Row[]> {
  const response = await fetch(new URL('/query', server.adminUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query: text }),
  });
  return ((await response.json()) as { rows: readonly Row[] }).rows;
}
