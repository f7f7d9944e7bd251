// One agent, two endpoints, the first of them out of quota: `start 15 [question]`.
import { anyfast } from '@throughline/anyfast';
import { Agent, fallback } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import { ferries } from '../02-terminal-chat/ferries.ts';
import { clerk } from '../02-terminal-chat/script.ts';
import { withModel } from '../lib/model.ts';
import { beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';

const [question = 'When is a ferry from Harbour to Island after 9:00?'] = process.argv.slice(2);
const screen = new Screen({ input: process.stdin, output: process.stdout });

await withModel(clerk, async (second) => {
  const empty = await startSimulator({ faults: [{ fault: 'upstream-quota', times: Infinity }] });
  try {
    screen.line('dim', `The first endpoint, ${empty.url}, is out of quota.`);
    // #region fallback
    const first = anyfast('kimi-k2.6', { baseURL: empty.url, apiKey: empty.key });
    const agent = new Agent({
      model: fallback([first, second]),
      instructions: 'Tell people about the ferries. Look into the timetable; be brief.',
      tools: [ferries(beside(import.meta.url, '../02-terminal-chat/ferries.csv'))],
    });
    // #endregion
    for (const asked of [question, 'When is a ferry from Lighthouse to Island?']) {
      screen.line('bold', `\n${asked}`);
      await screen.watch(agent.stream(asked));
      const { length } = empty.requests;
      screen.line(
        'dim',
        `So far the first endpoint was asked ${length === 1 ? 'once' : `${length} times`}.`,
      );
    }
  } finally {
    await empty.close();
  }
});
