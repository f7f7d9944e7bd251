// A process that carries a conversation in a session to its end, to be killed on the way. Started by the tests, built into one file.
import { join } from 'node:path';
import type { RunEvent, Session } from '@throughline/core';
import { fileSessions, sqliteSessions } from '@throughline/sessions';
import { carefulAgent, inputs } from '../conversation.ts';
import type { Setting } from '../conversation.ts';
import { decisionOn } from '../person.ts';

const { store, dir, ...setting } = JSON.parse(process.argv[2] ?? '{}') as Setting & {
  readonly store: 'files' | 'SQLite';
  readonly dir: string;
};
const { agent, told } = carefulAgent(setting, 'careful');
const types: readonly RunEvent['type'][] = ['run.start', 'message', 'answer', 'run.end'];
const ofCalls: readonly RunEvent['type'][] = [
  'call.start',
  'call.end',
  'call.pending',
  'call.decided',
  'call.event',
];
for (const type of [...types, ...ofCalls]) {
  agent.on(type, (event) => {
    process.stdout.write(`told ${JSON.stringify(event)}\n`);
    told(event);
  });
}

const sessions =
  store === 'files' ? fileSessions({ dir }) : sqliteSessions({ file: join(dir, 'sessions.db') });
const session = await sessions.open('chat');
for (;;) {
  const heard = session.messages.filter(({ role }) => role === 'user').length;
  if (session.state !== 'ready') await goOn(session);
  else if (heard < inputs.length) await agent.run(inputs[heard] ?? '', { session });
  else break;
}
await session.close();

async function goOn(session: Session): Promise<void> {
  const { pending } = await agent.resume(session).result;
  if (pending.length === 0) return;
  const decisions = await Promise.all(pending.map((call) => decisionOn(call, setting.worldUrl)));
  await agent.resume(session, { decisions }).result;
}
