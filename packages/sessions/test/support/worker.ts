// A process that carries sessions to their end, one after the other, to be killed on the way. Started by the tests, built into one file.
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, tool } from '@throughline/core';
import type { Effect, RunResult, Session, SessionLine, Tool } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import type { ScriptedAnswer } from '@throughline/testing';
import { fileSessions, sqliteSessions } from '../../src/index.ts';

const [store = 'files', ...places] = process.argv.slice(2);
// Where the session is that is carried on now, and where in it this process is killed.
let [dir, killAt] = ['.', ''];
const paceMs = 1;

const inputs = ['Pay the bills.', 'And clean up.'];

/** By the number of answers given so far. */
const script: readonly ScriptedAnswer[] = [
  {
    reasoning: 'Look 🧵 first,\r\n then \u2028 pay.',
    text: 'Looking.',
    calls: [
      { name: 'look', arguments: '{ "at":\t1 }' },
      { name: 'look', arguments: { at: 2 } },
      { name: 'pay', arguments: { eur: 10 } },
    ],
  },
  {
    reasoning: 'Two more.',
    calls: [
      { name: 'pay', arguments: { eur: 20 } },
      { name: 'look', arguments: { at: 3 } },
      { name: 'pay', arguments: { eur: 30 } },
    ],
  },
  { reasoning: 'All paid.', text: 'Done.' },
  { reasoning: 'Wipe.', calls: [{ name: 'wipe', arguments: {} }] },
  { text: 'Clean.' },
];

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const log = (name: string, value: unknown) =>
  appendFileSync(join(dir, name), `${JSON.stringify(value)}\n`);
const die = () => process.kill(process.pid, 'SIGKILL');

function acting(name: string, effect: Effect): Tool<unknown> {
  return tool({
    name,
    description: `${name}.`,
    inputSchema: { type: 'object' },
    effect,
    execute: async (input, { idempotencyKey, callId }) => {
      await sleep(paceMs);
      if (killAt === `begun ${callId}`) die();
      if (effect !== 'read') log('world.jsonl', { idempotencyKey, name, input });
      if (killAt === `acted ${callId}`) die();
      await sleep(paceMs);
      return effect === 'read' ? { seen: input } : `${name} done`;
    },
  });
}

const agent = new Agent({
  model: scriptedModel(async ({ messages }) => {
    const given = messages.filter(({ role }) => role === 'assistant').length;
    log('requests.jsonl', { given, messages });
    await sleep(paceMs);
    return script[given] ?? {};
  }),
  instructions: 'Be careful.',
  tools: [acting('look', 'read'), acting('pay', 'write'), acting('wipe', 'destructive')],
  approve: () => true,
});
for (const type of ['message', 'answer', 'call.start', 'call.end'] as const) {
  agent.on(type, (event) => {
    const isRead = event.type === 'call.start' && event.effect === 'read';
    if (!isRead) log('acknowledged.jsonl', { ...event });
  });
}

/** A person who looks whether it ran before saying so. */
async function resumeLast(session: Session): Promise<RunResult> {
  const result = await agent.resume(session).result;
  const worldFile = join(dir, 'world.jsonl');
  const world = existsSync(worldFile) ? readFileSync(worldFile, 'utf8') : '';
  const decisions = result.pending.map(({ id, runId, step, call }) => {
    const ran = world.includes(`"${runId}/${step}/call/${call}"`);
    return ran ? { id, refuse: 'It has run already.' } : { id, approve: true as const };
  });
  return decisions.length === 0 ? result : agent.resume(session, { decisions }).result;
}

/** Kills this process before or after a line is stored, or in the middle of writing it. */
function arm(session: Session): void {
  const [when, seq] = killAt.split(' ');
  const append = session.log.append.bind(session.log);
  session.log.append = async (lastSeq: number, lines: readonly SessionLine[]) => {
    const line = lines.find((line) => line.seq === Number(seq));
    if (line !== undefined && when === 'before') die();
    if (line !== undefined && when === 'torn') {
      const path = join(dir, 'sessions/chat.jsonl');
      // The first line is written together with the file's header, so a torn write tears that.
      const isNew = !existsSync(path) || statSync(path).size === 0;
      const text = isNew ? '{"throughline":"session","v":1,"id"' : JSON.stringify(line);
      appendFileSync(path, text.slice(0, text.length / 2));
      die();
    }
    await append(lastSeq, lines);
    if (line !== undefined && when === 'after') die();
  };
}

// Each place is a folder and what to be killed at, which is empty where it shall live.
for (let at = 0; at < places.length; at += 2) {
  [dir = '.', killAt = ''] = places.slice(at, at + 2);
  await carry();
}

async function carry(): Promise<void> {
  const sessions =
    store === 'files'
      ? fileSessions({ dir: join(dir, 'sessions') })
      : sqliteSessions({ file: join(dir, 'sessions.db') });
  const session = await sessions.open('chat');
  process.stdout.write('open\n');
  if (killAt === 'hold') await sleep(60_000);
  arm(session);
  for (;;) {
    const heard = session.messages.filter(({ role }) => role === 'user').length;
    if (session.state !== 'ready') await resumeLast(session);
    else if (heard < inputs.length) await agent.run(inputs[heard] ?? '', { session });
    else break;
  }
  log('final.jsonl', session.messages);
  await session.close();
}
