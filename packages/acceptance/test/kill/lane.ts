import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { registerWorker, restateClient } from '@throughline/restate';
import { startSimulator } from '@throughline/simulator';
import type { Simulator } from '@throughline/simulator';
import { startBalancer } from './balancer.ts';
import type { Balancer } from './balancer.ts';
import { scriptOf } from './conversation.ts';
import { keepProgram } from './kept-program.ts';
import type { KeptProgram } from './kept-program.ts';
import { keepServer } from './kept-server.ts';
import type { KeptServer } from './kept-server.ts';
import type { Place } from './on-restate.ts';
import type { Outcome } from './outcome.ts';
import type { Programs } from './programs.ts';
import { startWorld } from './world.ts';
import type { World } from './world.ts';

/** A Restate server with an endpoint and a world of its own, none of which but the server is ever killed. */
export interface Lane {
  readonly server: KeptServer;
  /** Starts a worker that is started again whenever it is killed, and registers it. */
  worker(agent: string, first?: object): Promise<KeptProgram>;
  /** Starts so many workers of one agent behind one address. */
  workers(agent: string, many: number): Promise<readonly KeptProgram[]>;
  /** Starts a caller, likewise. */
  client(place: Pick<Place, 'agent' | 'session'>, first?: object): KeptProgram;
  place(agent: string, session: string): Place;
  /** What the conversation has come to. `since` is what the endpoint had been asked before it. */
  outcome(agent: string, session: string, since?: number): Promise<Outcome>;
  /** How many requests the endpoint was asked. */
  readonly asked: number;
  close(): Promise<void>;
}

export async function openLane(programs: Programs, paceMs: number): Promise<Lane> {
  const [server, world, simulator] = await Promise.all([
    keepServer(),
    startWorld(),
    startSimulator({ script: scriptOf(paceMs), keepBodies: 20_000 }),
  ]);
  const { ingressUrl: url, adminUrl } = server;
  const setting = settingOf(simulator, world, paceMs);
  const balancers: Balancer[] = [];
  const started: KeptProgram[] = [];
  return {
    server,
    async worker(agent, first) {
      const { worker, port } = await start(agent, first);
      await registerWorker(adminUrl, `http://127.0.0.1:${port}`);
      return worker;
    },
    async workers(agent, many) {
      const all = await Promise.all(Array.from({ length: many }, () => start(agent)));
      const balancer = await startBalancer(all.map(({ port }) => port));
      balancers.push(balancer);
      await registerWorker(adminUrl, balancer.url);
      return all.map(({ worker }) => worker);
    },
    client({ agent, session }, first) {
      const about = { ...setting, name: agent, url, session };
      const client = keepProgram(programs, 'client', about, first);
      started.push(client);
      return client;
    },
    place: (agent, session) => ({ agent, url, session, worldUrl: world.url }),
    async outcome(agent, session, since = 0) {
      const messages = await restateClient({ agent, url }).session(session).messages();
      const requests = simulator.requests.slice(since).map(({ bodyText }) => bodyText);
      return {
        messages,
        requests,
        deeds: world.deeds.filter(({ key }) => key.startsWith(`${session}/`)),
      };
    },
    get asked() {
      return simulator.requests.length;
    },
    async close() {
      await Promise.all(started.map((program) => program.close()));
      await Promise.all([server.close(), world.close(), simulator.close()]);
      await Promise.all(balancers.map((balancer) => balancer.close()));
    },
  };

  async function start(agent: string, first?: object) {
    const port = await freePort();
    const about = { ...setting, name: agent, port, ingressUrl: url };
    const worker = keepProgram(programs, 'worker', about, first);
    started.push(worker);
    await worker.said('ready');
    return { worker, port };
  }
}

function settingOf({ url: modelUrl, key }: Simulator, { url: worldUrl }: World, paceMs: number) {
  return { modelUrl, key, worldUrl, paceMs };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}
