import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { checkOptions, ThroughlineError } from '@throughline/core';

export interface ServerOptions {
  /** Where it keeps its data. It makes the folder. */
  readonly dir: string;
  /** Default: free ports. */
  readonly ports?: ServerPorts;
  /** The program. Default: that of the npm package for this machine, e.g. `@restatedev/restate-server-linux-x64`. */
  readonly program?: string;
}

export interface ServerPorts {
  readonly ingress: number;
  readonly admin: number;
  readonly node: number;
}

/** A Restate server on this machine, for tests and for trying. */
export interface Server {
  /** For callers. */
  readonly ingressUrl: string;
  /** For `registerWorker`. */
  readonly adminUrl: string;
  readonly ports: ServerPorts;
  readonly pid: number;
  /** Resolves to its last words once it has ended, for whatever reason. */
  readonly ended: Promise<string>;
  /** Ends it, and resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * Starts the Restate server that npm has brought, on loopback, with little memory. Resolves when it answers. A server that is started with
 * the ports and the folder of one that has ended goes on with its runs.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  checkOptions('startServer()', options, { dir: true, ports: true, program: true });
  const { dir, ports, program = findProgram() } = options;
  const { ingress, admin, node } = ports ?? (await freePorts());
  // The health of another server there would be taken for that of this one.
  await Promise.all([ingress, admin, node].map(listenOnce));
  const child = spawn(program, ['--base-dir', dir, '--node-name', 'local'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      RUST_LOG: 'warn',
      RESTATE_BIND_IP: '127.0.0.1',
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_PORT: String(node),
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: '128MB',
      RESTATE_DEFAULT_NUM_PARTITIONS: '2',
      RESTATE_DISABLE_TELEMETRY: 'true',
    },
  });
  const ended = endOf(child);
  const ingressUrl = `http://127.0.0.1:${ingress}`;
  const adminUrl = `http://127.0.0.1:${admin}`;
  const waiting = new AbortController();
  try {
    await Promise.race([
      healthy([`${adminUrl}/health`, `${ingressUrl}/restate/health`], waiting.signal),
      ended.then((words) => {
        throw new Error(`The Restate server ended before it was ready: ${words}`);
      }),
    ]);
  } finally {
    waiting.abort();
  }
  return {
    ingressUrl,
    adminUrl,
    ports: { ingress, admin, node },
    pid: child.pid ?? 0,
    ended,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}

/** Resolves to the last words of a process that has ended. */
async function endOf(child: ChildProcess): Promise<string> {
  let words = '';
  child.stderr?.on('data', (data: Buffer) => (words = (words + data.toString()).slice(-2_000)));
  try {
    await once(child, 'close');
    return words;
  } catch (error) {
    return String(error);
  }
}

async function healthy(urls: readonly string[], signal: AbortSignal): Promise<void> {
  for (const url of urls) {
    while (!signal.aborted && !(await answers(url))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function findProgram(): string {
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      const manifest = createRequire(from).resolve(`${name}/package.json`);
      return join(manifest, '../bin/restate-server');
    } catch {
      // the next place
    }
  }
  throw new ThroughlineError(
    'invalid_option',
    `There is no Restate server here. Install ${name} (npm has it for Linux and macOS), or name a program: startServer({ program }).`,
  );
}

/** Rejects where the port is not free. */
async function listenOnce(port: number): Promise<void> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (cause) {
    const message = `startServer(): the port ${port} is not free.`;
    throw new ThroughlineError('invalid_option', message, { cause });
  }
  await once(server.close(), 'close');
}

async function freePorts(): Promise<ServerPorts> {
  // All are held until all are known, so that they differ.
  const servers = [createServer(), createServer(), createServer()];
  await Promise.all(servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
  const [ingress = 0, admin = 0, node = 0] = servers.map(
    (server) => (server.address() as AddressInfo).port,
  );
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return { ingress, admin, node };
}
