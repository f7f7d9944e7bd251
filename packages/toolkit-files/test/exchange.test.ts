import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { files } from '../src/index.ts';
import { call, run } from './call.ts';

const rounds = 10_000;
const secret = 'outside: the secret';

/** Exchanges the folder `door` for a link to outside, as fast as a process can, and says how often it did. */
const hand = `
  const { renameSync, rmSync } = require('node:fs');
  const { join } = require('node:path');
  const [root, rounds] = process.argv.slice(1);
  const at = (name) => join(root, name);
  // A tool that writes may find no door for an instant, and make one.
  const rename = (from, to) => {
    for (;;) {
      try {
        return renameSync(at(from), at(to));
      } catch {
        try {
          rmSync(at(to), { recursive: true, force: true });
        } catch {} // something was put into it meanwhile
      }
    }
  };
  let stop = false;
  process.on('message', () => (stop = true));
  let done = 0;
  const some = () => {
    for (let n = 0; n < 50; n++, done++) {
      rename('door', 'door-real');
      rename('door-link', 'door');
      rename('door', 'door-link');
      rename('door-real', 'door');
    }
    process.send(done);
    if (!stop || done < Number(rounds)) setImmediate(some);
    else process.disconnect();
  };
  some();
`;

/** A root with a door, a folder outside that it must not lead to, and a hand that exchanges the door while `work` is done. */
async function whileExchanged(work: (root: string, isOver: () => boolean) => Promise<void>) {
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
  let done = 0;
  child.on('message', (count: number) => (done = count));
  try {
    await work(root, () => {
      if (child.exitCode !== null)
        throw new Error('The process that exchanges the folder has died.');
      return done >= rounds;
    });
  } finally {
    if (child.connected) child.send('stop');
    await gone;
  }
  expect(done).toBeGreaterThanOrEqual(rounds);
  const left = (await readdir(outside, { recursive: true })).toSorted();
  expect(left).toEqual(['file.txt', 'inner', 'inner/deep.txt', 'only-outside-secret.txt']);
  expect(await readFile(join(outside, 'file.txt'), 'utf8')).toBe(secret);
}

test('no tool looks out of the root while another process exchanges a folder for a link 10,000 times', async () => {
  const told = { calls: 0, harmless: 0, refused: 0 };
  const asks = [
    ['read_file', { path: 'door/file.txt' }],
    ['read_file', { path: 'door/inner/deep.txt' }],
    ['list_files', { path: 'door' }],
    ['list_files', { path: '.', recursive: true }],
    ['glob', { pattern: '*.txt', path: 'door' }],
    ['search_files', { text: 't', path: 'door' }],
    ['search_files', { text: 't' }],
    ['read_file', { path: 'door/only-outside-secret.tx' }], // did you mean …?
  ] as const;
  await whileExchanged(async (root, isOver) => {
    while (!isOver() || told.calls <= 100 || told.harmless < 20) {
      const [name, input] = asks[told.calls++ % asks.length] ?? asks[0];
      const answer = await call({ root }, name, input).catch(String);
      expect(answer).not.toMatch(/outside: the secret|only-outside-secret[.]txt/);
      if (answer.includes('harmless')) told.harmless++;
      if (/exchanged|leads out of the root/.test(answer)) told.refused++;
    }
  });
  expect(told.calls).toBeGreaterThan(100);
  expect(told.refused).toBeGreaterThan(0); // the hand was quick enough to be met
}, 120_000);

test('no tool changes anything outside the root meanwhile', async () => {
  const told = { calls: 0, done: 0, refused: 0 };
  await whileExchanged(async (root, isOver) => {
    const ask = run(files({ root, write: true }));
    while (!isOver() || told.calls <= 100 || told.done < 20) {
      const at = told.calls++;
      const asks = [
        ['write_file', { path: `door/new-${at}.txt`, content: 'written' }],
        ['write_file', { path: `door/folder-${at}/x.txt`, content: 'written' }],
        ['read_file', { path: 'door/file.txt' }],
        [
          'edit_file',
          { path: 'door/file.txt', edits: [{ old_string: 'harm', new_string: 'help' }] },
        ],
        ['make_folder', { path: `door/made-${at}` }],
        ['move', { from: 'door/inner/deep.txt', to: `door/inner/deep-${at}.txt` }],
        ['delete', { path: 'door/inner', recursive: true }],
        ['delete', { path: 'door/file.txt' }],
      ] as const;
      const [name, input] = asks[at % asks.length] ?? asks[0];
      const answer = await ask(name, input).catch(String);
      if (/made|moved|changed|deleted/.test(answer)) told.done++;
      if (/exchanged|leads out of the root/.test(answer)) told.refused++;
    }
  });
  expect(told.calls).toBeGreaterThan(100);
  expect(told.refused).toBeGreaterThan(0);
}, 120_000);
