// The process in which the agent works. `main.ts` starts it, kills it, and starts it again.
import { join } from 'node:path';
import { fileSessions } from '@throughline/sessions';
import { withModel } from '../lib/model.ts';
import { beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';
import { clerk } from './script.ts';
import { service } from './service.ts';

const [dir = '.', letter] = process.argv.slice(2);
const screen = new Screen({ input: process.stdin, output: process.stdout });

await withModel(clerk, async (model) => {
  const files = {
    orders: beside(import.meta.url, 'orders.json'),
    ledger: join(dir, 'ledger.jsonl'),
  };
  const agent = service(model, files);
  const session = await fileSessions({ dir }).open('mia');
  try {
    if (letter === undefined) {
      screen.line('dim', `Process ${process.pid} opens the session: it is ${session.state}.`);
      await screen.watch(agent.resume(session, { decide: (call) => screen.decide(call) }));
    } else {
      screen.line('bold', `${letter}\n`);
      const nobody = ({ name }: { name: string }) => {
        screen.line(
          'yellow',
          `  ${name} waits for a person. Process ${process.pid} waits with it.`,
        );
        return new Promise<never>(() => setInterval(() => {}, 60_000));
      };
      await screen.watch(agent.stream(letter, { session, decide: nobody }));
    }
  } finally {
    await session.close();
  }
});
