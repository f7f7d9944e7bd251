// What recording in a session costs a step, as processor time of the agent's own process; the simulator runs in
// another one. A step is one answer (1 KB of reasoning) and one `write` call with a result of 1 KB: three lines.
//   node --conditions=throughline-source --import=tsx session-cost.ts
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anyfast } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';
import type { Model, Session } from '@throughline/core';
import { fileSessions, sqliteSessions } from '@throughline/sessions';
import { startSimulator } from '@throughline/simulator';
import { scriptedModel } from '@throughline/testing';

const steps = 20;
const runs = 20;
const rounds = Number(process.argv[2] ?? 9);
const thought = 'a thought of some words '.repeat(42);

function answerAt(given: number) {
  if (given % (steps + 1) === steps) return { text: 'Done.' };
  return { reasoning: thought, calls: [{ name: 'note', arguments: { number: given } }] };
}

const given = (messages: readonly { readonly role: string }[]) =>
  messages.filter(({ role }) => role === 'assistant').length;

if (process.send !== undefined) {
  const { url, key } = await startSimulator({
    script: ({ messages }) => answerAt(given(messages)),
  });
  process.send({ url, key });
} else {
  await compare();
}

async function compare(): Promise<void> {
  const server = fork(fileURLToPath(import.meta.url));
  const { url: baseURL, key: apiKey } = await new Promise<{ url: string; key: string }>(
    (resolve) => {
      server.once('message', (message) => resolve(message as { url: string; key: string }));
    },
  );
  const models: Record<string, Model> = {
    'over HTTP': anyfast('kimi-k2.6', { baseURL, apiKey }),
    'without a network': scriptedModel(({ messages }) => answerAt(given(messages))),
  };
  for (const [name, model] of Object.entries(models)) await tell(name, model);
  server.kill();
}

/** Of one step, in milliseconds. */
interface Cost {
  readonly cpuMs: number;
  readonly ms: number;
  readonly recordMs: number;
}

async function tell(name: string, model: Model): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-cost-'));
  const [file, sql] = [join(dir, 'files'), join(dir, 'sessions.db')];
  const ways: Record<string, (id: string) => Promise<Session> | undefined> = {
    'not recorded': () => undefined,
    'files, sync: false': (id) => fileSessions({ dir: file, sync: false }).open(id),
    files: (id) => fileSessions({ dir: file }).open(id),
    'SQLite, sync: false': (id) => sqliteSessions({ file: sql, sync: false }).open(id),
    SQLite: (id) => sqliteSessions({ file: sql }).open(id),
  };
  const took = new Map<string, Cost[]>(Object.keys(ways).map((way) => [way, []]));
  // In turn, so that what else the machine does meets all alike. The first round only warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [way, open] of Object.entries(ways)) {
      const cost = await measure(model, (at) => open(`${way} ${round} ${at}`));
      if (round > 0) took.get(way)?.push(cost);
    }
  }
  const plain = took.get('not recorded') ?? [];
  for (const [way, costs] of took) {
    const of = (what: keyof Cost) => median(costs.map((cost) => cost[what])).toFixed(3);
    // Round by round, since a machine that is slow for a while is slow for both.
    const more = median(costs.map(({ cpuMs }, round) => cpuMs - (plain[round]?.cpuMs ?? 0)));
    console.log(
      `${name}, ${way}: ${of('cpuMs')} ms of processor a step, ${more.toFixed(3)} more than unrecorded, ${of('recordMs')} in append; ${of('ms')} ms by the clock`,
    );
  }
  await rm(dir, { recursive: true });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function measure(model: Model, open: (at: number) => Promise<Session> | undefined) {
  const note = tool({
    name: 'note',
    description: 'Notes a number.',
    inputSchema: { type: 'object', properties: { number: { type: 'number' } } },
    execute: () => 'r'.repeat(1_000),
  });
  const agent = new Agent({ model, tools: [note] });
  const sessions = await Promise.all(Array.from({ length: runs }, (_, at) => open(at)));
  let recordMs = 0;
  for (const session of sessions) {
    if (session === undefined) continue;
    const append = session.log.append.bind(session.log);
    session.log.append = (lastSeq, lines) => {
      const beganMs = performance.now();
      const appended = append(lastSeq, lines);
      recordMs += performance.now() - beganMs; // up to where it waits, if it does
      return appended;
    };
  }
  const [cpu, fromMs] = [process.cpuUsage(), performance.now()];
  for (const session of sessions) await agent.run('Go.', session === undefined ? {} : { session });
  const { user, system } = process.cpuUsage(cpu);
  const ms = performance.now() - fromMs;
  for (const session of sessions) await session?.close();
  const count = runs * (steps + 1);
  return { cpuMs: (user + system) / 1000 / count, ms: ms / count, recordMs: recordMs / count };
}
