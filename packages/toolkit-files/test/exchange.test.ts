import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { call } from './call.ts';

const rounds = 10_000;
const secret = 'outside: the secret';

/** Exchanges the folder `door` for a link to outside, as fast as a process can, and says how often it did. */
const hand = `
  const { renameSync } = require('node:fs');
  const { join } = require('node:path');
  const [root, rounds] = process.argv.slice(1);
  const at = (name) => join(root, name);
  let stop = false;
  process.on('message', () => (stop = true));
  let done = 0;
  const some = () => {
    for (let n = 0; n < 50; n++, done++) {
      renameSync(at('door'), at('door-real'));
      renameSync(at('door-link'), at('door'));
      renameSync(at('door'), at('door-link'));
      renameSync(at('door-real'), at('door'));
    }
    process.send(done);
    if (!stop || done < Number(rounds)) setImmediate(some);
    else process.disconnect();
  };
  some();
`;

test('no tool leaves the root while another process exchanges a folder for a link 10,000 times', async () => {
  const home = await mkdtemp(join(tmpdir(), 'throughline-exchange-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const root = join(home, 'root');
  const outside = join(home, 'outside');
  for (const folder of [join(root, 'door', 'inner'), join(outside, 'inner')]) {
    await mkdir(folder, { recursive: true });
  }
  for (const [folder, text] of [
    [join(root, 'door'), 'harmless'],
    [outside, secret],
  ] as const) {
    await writeFile(join(folder, 'file.txt'), text);
    await writeFile(join(folder, 'inner', 'deep.txt'), text);
  }
  await writeFile(join(outside, 'only-outside-secret.txt'), 'x');
  await symlink('../outside', join(root, 'door-link'));
  const child = spawn(process.execPath, ['-e', hand, root, String(rounds)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit');
  const progress = { done: 0 };
  child.on('message', (count: number) => (progress.done = count));
  const told = { calls: 0, harmless: 0, refused: 0 };
  const asks = [
    ['read_file', { path: 'door/file.txt' }],
    ['read_file', { path: 'door/inner/deep.txt' }],
    ['list_files', { path: 'door' }],
    ['list_files', { path: '.', recursive: true }],
    ['search_files', { text: 't', path: 'door' }],
    ['search_files', { text: 't' }],
    ['read_file', { path: 'door/only-outside-secret.tx' }], // did you mean …?
  ] as const;
  try {
    while (progress.done < rounds || told.harmless < 20) {
      const [name, input] = asks[told.calls++ % asks.length] ?? asks[0];
      const answer = await call({ root }, name, input).catch(String);
      expect(answer).not.toMatch(/outside: the secret|only-outside-secret[.]txt/);
      if (answer.includes('harmless')) told.harmless++;
      if (/exchanged|leads out of the root/.test(answer)) told.refused++;
    }
  } finally {
    if (child.connected) child.send('stop');
    await gone;
  }
  expect(progress.done).toBeGreaterThanOrEqual(rounds);
  expect(told.calls).toBeGreaterThan(100);
  expect(told.refused).toBeGreaterThan(0); // the hand was quick enough to be met
}, 120_000);
