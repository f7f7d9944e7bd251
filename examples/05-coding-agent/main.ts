// Mends a failing test and shows the diff: `start 5 [repository]`; a copy of `shop` by default.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withModel } from '../lib/model.ts';
import { asCalled, beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';
import { mender } from './mender.ts';
import { programmer } from './script.ts';

const [given] = process.argv.slice(2);
const execute = promisify(execFile);
const screen = new Screen({ input: process.stdin, output: process.stdout });

if (given !== undefined) await mend(asCalled(given));
else {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-shop-'));
  try {
    await mend(await copyOfShop(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function mend(root: string): Promise<void> {
  await withModel(programmer, async (model) => {
    const agent = mender(model, root);
    try {
      const decide = screen.decide.bind(screen);
      await screen.watch(agent.stream('A test fails. Mend it.', { decide }));
    } finally {
      await agent.dispose();
    }
    // Not what the model says it did, but what it did.
    const { stdout } = await execute('git', ['diff'], { cwd: root });
    screen.line('bold', `\nThe diff:\n`);
    console.log(stdout || 'Nothing was changed.');
  });
}

/** A repository of its own, so that the example can be run twice. */
async function copyOfShop(folder: string): Promise<string> {
  await cp(beside(import.meta.url, 'shop'), folder, { recursive: true });
  const author = ['-c', 'user.name=Example', '-c', 'user.email=example@example.com'];
  await execute('git', ['init', '--quiet'], { cwd: folder });
  await execute('git', ['add', '.'], { cwd: folder });
  await execute('git', [...author, 'commit', '--quiet', '-m', 'A shop'], { cwd: folder });
  return folder;
}
