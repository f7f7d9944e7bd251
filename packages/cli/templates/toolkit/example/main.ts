// `npm start` has an agent add a contact with the toolkit, to a file that is gone at the end.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyfast } from '@throughline/anyfast';
import { Agent } from '@throughline/core';
import type { Model } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import type { Script } from '@throughline/simulator';
import { contacts } from '../src/index.ts';

/** What is said where there is no key. It is no model: it adds the contact, looks it up, and tells what it found. */
const script: Script = ({ messages }) => {
  const told = messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content));
  const ada = { name: 'Ada Lovelace', mail: 'ada@example.com' };
  if (told.length === 0) return { calls: [{ name: 'add_contact', arguments: ada }] };
  if (told.length === 1) return { calls: [{ name: 'find_contacts', arguments: { text: 'ada' } }] };
  return { text: told.join('\n') };
};

if (process.env['ANYFAST_API_KEY']) {
  await ask(anyfast('kimi-k2.6'));
} else {
  console.error(
    'ANYFAST_API_KEY is not set: the model is SCRIPTED. The tools and the file are real.\n',
  );
  const simulator = await startSimulator({ script });
  try {
    await ask(anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key }));
  } finally {
    await simulator.close();
  }
}

async function ask(model: Model): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'contacts-'));
  const agent = new Agent({ model, tools: [contacts({ file: join(folder, 'contacts.jsonl') })] });
  try {
    const run = agent.stream('Add Ada Lovelace <ada@example.com>, then say whom we know.');
    for await (const event of run) {
      if (event.type === 'call.start') console.error(`→ ${event.name} ${event.arguments}`);
    }
    console.log(`\n${(await run.result).text}`);
  } finally {
    await agent.dispose();
    await rm(folder, { recursive: true });
  }
}
