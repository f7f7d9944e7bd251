import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@throughline/restate';
import type { Server, ServerPorts } from '@throughline/restate';

/** A Restate server that is started again, over the same data, whenever it ends. */
export interface KeptServer {
  readonly ingressUrl: string;
  readonly adminUrl: string;
  /** The process that is the server now. */
  readonly pid: number;
  /** How often it has ended. */
  readonly ends: number;
  close(): Promise<void>;
}

export async function keepServer(): Promise<KeptServer> {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-restate-'));
  let server: Server = await startServer({ dir });
  let [ends, closing] = [0, false];
  const keeping = keep();
  return {
    ingressUrl: server.ingressUrl,
    adminUrl: server.adminUrl,
    get pid() {
      return server.pid;
    },
    get ends() {
      return ends;
    },
    async close() {
      closing = true;
      await server.stop('SIGKILL');
      await keeping;
      await rm(dir, { recursive: true, force: true });
    },
  };

  async function keep(): Promise<void> {
    for (;;) {
      await server.ended;
      if (closing) return;
      ends++;
      server = await startAgain(dir, server.ports);
      if (closing) await server.stop('SIGKILL');
    }
  }
}

/** A caller's connection may hold one of the ports for a moment, as its own end. */
async function startAgain(dir: string, ports: ServerPorts): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startServer({ dir, ports });
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
