// For a person to try: starts a Restate server and a worker, both on loopback, and carries a conversation with them, without a key. The
// model is the simulator's script. Kill the worker or the server whenever you like: both are started again, and the run goes on.
//
//   pnpm restate
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { anyfast } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';
import type { RunEvent } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import {
  durable,
  registerWorker,
  restateClient,
  startServer,
  startWorker,
} from '@throughline/restate';
import type { DurableRun, Server } from '@throughline/restate';

interface Worker {
  readonly modelUrl: string;
  readonly key: string;
  readonly ingressUrl: string;
  readonly port: number;
}

const given = process.env['THROUGHLINE_RESTATE_WORKER'];
await (given === undefined ? converse() : work(JSON.parse(given) as Worker));

/** The worker's process. */
async function work({ modelUrl, key, ingressUrl, port }: Worker): Promise<void> {
  const agent = new Agent({
    name: 'support',
    model: anyfast('kimi-k2.6', { baseURL: modelUrl, apiKey: key }),
    tools: [
      tool({
        name: 'look_up',
        description: 'Looks up an order.',
        inputSchema: { type: 'object' },
        effect: 'read',
        execute: async () => {
          await new Promise((resolve) => setTimeout(resolve, 2_000)); // time to kill something
          return { order: 7, eur: 70 };
        },
      }),
      tool({
        name: 'refund',
        description: 'Refunds an order.',
        inputSchema: { type: 'object' },
        effect: 'destructive',
        execute: () => 'refunded',
      }),
    ],
  });
  const service = durable(agent, { ingressUrl, onEvent: (event) => process.send?.(event) });
  const worker = await startWorker({ agents: [service], port });
  process.send?.({ type: 'worker', url: worker.url });
}

/** The process that a person speaks to. */
async function converse(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-restate-'));
  const simulator = await startSimulator({ script: ({ messages }) => scripted(messages.at(-1)) });
  const server = await startServer({ dir });
  const keeping = new AbortController();
  const serverOfNow = keepServer(server, dir, keeping.signal);
  const { ingressUrl: url, adminUrl } = server;
  const worker = { modelUrl: simulator.url, key: simulator.key, ingressUrl: url, port: 0 };
  const workerOfNow = await keepWorker(worker, adminUrl, keeping.signal);
  say(`The server's own page: ${adminUrl}/ui. The model is a script: it refunds an order.`);
  const session = restateClient({ agent: 'support', url }).session('dev');
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  for (;;) {
    say('You (an empty line ends it):');
    const { value: line = '' } = (await lines.next()) as { value?: string };
    if (line.trim() === '') break;
    const run = await session.run(line);
    const over = run.result().then(() => true);
    while (!(await Promise.race([over, decided(run, lines)])));
    say('');
  }
  keeping.abort();
  workerOfNow().kill('SIGKILL');
  await serverOfNow().stop('SIGKILL');
  await simulator.close();
  await rm(dir, { recursive: true, force: true });
  process.exit();
}

/** Puts the calls that wait to the person. False: the run is not known to be over. */
async function decided(run: DurableRun, lines: AsyncIterator<string>): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (const { id, name, arguments: text } of await run.pending()) {
    say(`\nMay it call ${name} ${text}? y, or why not:`);
    const { value = '' } = (await lines.next()) as { value?: string };
    await run.decide(value === 'y' ? { id, approve: true } : { id, refuse: value });
  }
  return false;
}

function keepServer(first: Server, dir: string, over: AbortSignal): () => Server {
  let server = first;
  const keep = async () => {
    for (;;) {
      say(`Server: process ${server.pid}. Try: kill -9 ${server.pid}`);
      await server.ended;
      if (over.aborted) return;
      server = await startServer({ dir, ports: server.ports });
    }
  };
  void keep();
  return () => server;
}

/** Resolves when the first process of the worker is registered. */
async function keepWorker(
  about: Worker,
  adminUrl: string,
  over: AbortSignal,
): Promise<() => ChildProcess> {
  const start = async (port: number) => {
    const env = { ...process.env, THROUGHLINE_RESTATE_WORKER: JSON.stringify({ ...about, port }) };
    const child = fork(process.argv[1] ?? '', { env });
    const url = await new Promise<string>((resolve) => {
      child.on('message', (told: RunEvent | { type: 'worker'; url: string }) => {
        if (told.type === 'worker') resolve(told.url);
        else show(told);
      });
    });
    say(`Worker: process ${child.pid}. Try: kill -9 ${child.pid}`);
    return { child, url };
  };
  let { child, url } = await start(0);
  await registerWorker(adminUrl, url);
  const keep = async () => {
    for (;;) {
      await once(child, 'exit');
      if (over.aborted) return;
      ({ child, url } = await start(Number(new URL(url).port)));
    }
  };
  void keep();
  return () => child;
}

/** Live, over the channel between the two processes: nothing of it goes through Restate. */
function show(event: RunEvent): void {
  if (event.type === 'text.delta') process.stdout.write(event.delta);
  if (event.type === 'call.start') say(`\n[${event.name} ${event.arguments}]`);
}

function say(words: string): void {
  process.stdout.write(`${words}\n`);
}

function scripted(last: { readonly role: string; readonly content?: unknown } | undefined) {
  if (last?.role !== 'tool')
    return { text: 'I look. ', calls: [{ name: 'look_up', arguments: { order: 7 } }] };
  const told = JSON.stringify(last.content ?? '');
  if (told.includes('eur'))
    return { text: 'It is due. ', calls: [{ name: 'refund', arguments: { order: 7 } }] };
  return { text: told.includes('refunded') ? 'It is refunded.' : 'Then it is not refunded.' };
}
