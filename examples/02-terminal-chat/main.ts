// A chat in the terminal that goes on where it ended, also in another process: `start 2 [folder of the session]`.
import { createInterface } from 'node:readline';
import { Agent } from '@throughline/core';
import type { Session } from '@throughline/core';
import { fileSessions } from '@throughline/sessions';
import { withModel } from '../lib/model.ts';
import { asCalled, beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';
import { ferries } from './ferries.ts';
import { clerk } from './script.ts';

const [given] = process.argv.slice(2);
const dir = given === undefined ? beside(import.meta.url, 'state') : asCalled(given);
const screen = new Screen({ input: process.stdin, output: process.stdout });

await withModel(clerk, async (model) => {
  const agent = new Agent({
    model,
    instructions: 'Tell people about the ferries. Look into the timetable; be brief.',
    tools: [ferries(beside(import.meta.url, 'ferries.csv'))],
  });
  const session = await fileSessions({ dir }).open('ferries');
  try {
    await chat(agent, session);
  } finally {
    await session.close();
  }
});

async function chat(agent: Agent, session: Session): Promise<void> {
  const said = session.messages.filter(({ role }) => role === 'user').length;
  screen.line('dim', `Questions so far: ${said}, in ${dir}/ferries.jsonl. An empty line ends.`);
  screen.line(
    'dim',
    'Try: When is a ferry from Harbour to Island after 9:00? · And back? · What did I ask first?',
  );
  // A crash may have cut the last answer: it is taken up before anything new is asked.
  if (session.state === 'cut') await screen.watch(agent.resume(session));
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: '\n> ' });
  // The input may end while an answer is shown: Node 24 throws at a prompt then.
  const open = new AbortController();
  lines.once('close', () => open.abort());
  lines.prompt();
  for await (const line of lines) {
    if (line.trim() === '') break;
    await screen.watch(agent.stream(line, { session }));
    if (!open.signal.aborted) lines.prompt();
  }
  lines.close();
}
