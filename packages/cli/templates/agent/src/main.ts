// `npm start [FOLDER]` asks the agent one question.
import { anyfast } from '@throughline/anyfast';
import type { Model } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import { folderAgent } from './folder-agent.ts';
import { script } from './script.ts';

const folder = process.argv[2] ?? process.cwd();

if (process.env['ANYFAST_API_KEY']) {
  await ask(anyfast('kimi-k2.6'));
} else {
  console.error(
    'ANYFAST_API_KEY is not set: the model is SCRIPTED. The tool and the files are real.\n',
  );
  const simulator = await startSimulator({ script });
  try {
    await ask(anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key }));
  } finally {
    await simulator.close();
  }
}

async function ask(model: Model): Promise<void> {
  const agent = folderAgent(model, folder);
  const run = agent.stream('Which are the largest files here?');
  for await (const event of run) {
    if (event.type === 'call.start') console.error(`→ ${event.name} ${event.arguments}\n`);
    if (event.type === 'text.delta') process.stdout.write(event.delta);
  }
  process.stdout.write('\n');
}
