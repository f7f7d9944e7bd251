// A web page that streams a run and asks for approval: `start 10 [folder of the orders]`. Ctrl-C ends it.
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withModel } from '../lib/model.ts';
import { asCalled, beside } from '../lib/place.ts';
import { scriptedKeeper } from './script.ts';
import { PageServer } from './server.ts';
import { storeKeeper } from './store-keeper.ts';

const [given] = process.argv.slice(2);
const dir = given === undefined ? beside(import.meta.url, 'state') : asCalled(given);

await withModel(scriptedKeeper, async (model) => {
  await mkdir(dir, { recursive: true });
  const shelf = beside(import.meta.url, 'shelf.json');
  const agent = storeKeeper(model, { shelf, orders: join(dir, 'orders.jsonl') });
  const server = new PageServer(agent, beside(import.meta.url, 'page.html'), console.log);
  console.log(`Open ${await server.open()} in a browser. Ctrl-C ends it.`);
  await once(process, 'SIGINT');
  await server.close();
  console.log('\nClosed.');
});
