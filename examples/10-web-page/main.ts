// A web page that streams a run and asks for approval: `start 10 [folder of the orders]`. Ctrl-C ends it.
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSessions } from '@throughline/sessions';
import { withModel } from '../lib/model.ts';
import { asCalled, beside } from '../lib/place.ts';
import { scriptedKeeper } from './script.ts';
import { servePage } from './server.ts';
import { storeKeeper } from './store-keeper.ts';

const [given] = process.argv.slice(2);
const dir = given === undefined ? beside(import.meta.url, 'state') : asCalled(given);

await withModel(scriptedKeeper, async (model) => {
  await mkdir(dir, { recursive: true });
  const shelf = beside(import.meta.url, 'shelf.json');
  const orders = join(dir, 'orders.jsonl');
  const agent = storeKeeper(model, { shelf, orders });
  agent.on('run.end', ({ stopReason, steps }) => {
    console.log(`A run ended: ${stopReason}, after ${steps} step${steps === 1 ? '' : 's'}.`);
  });
  const sessions = fileSessions({ dir: join(dir, 'sessions') });
  const server = await servePage({ agent, sessions, page: beside(import.meta.url, 'page.html') });
  console.log(`Open ${server.url} in a browser. Orders go to ${orders}. Ctrl-C ends it.`);
  await once(process, 'SIGINT');
  await server.close();
  console.log('\nClosed.');
});
