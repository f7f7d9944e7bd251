import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyfast } from '@throughline/anyfast';
import { startSimulator } from '@throughline/simulator';
import type { Script } from '@throughline/simulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { folderAgent } from '../src/folder-agent.ts';
import { script } from '../src/script.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-agent-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Asks the agent over real HTTP. The model is scripted. */
async function ask(says: Script) {
  const simulator = await startSimulator({ script: says });
  try {
    const model = anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key });
    return await folderAgent(model, folder).run('Which are the largest files?');
  } finally {
    await simulator.close();
  }
}

it('names the largest files of all folders, the largest first', async () => {
  await mkdir(join(folder, 'inner'));
  await mkdir(join(folder, 'node_modules'));
  await writeFile(join(folder, 'small.txt'), 'x'.repeat(10));
  await writeFile(join(folder, 'inner', 'large.txt'), 'x'.repeat(2000));
  await writeFile(join(folder, 'node_modules', 'huge.js'), 'x'.repeat(9000));
  const { text } = await ask(script);
  expect(text).toContain(`2000 bytes: ${join('inner', 'large.txt')}\n10 bytes: small.txt`);
  expect(text).not.toContain('huge.js');
});

it('says that an empty folder has no files', async () => {
  expect((await ask(script)).text).toBe('0 files were looked at.');
});

it('runs no call whose count is out of range, and tells the model why', async () => {
  const { calls } = await ask([
    { calls: [{ name: 'largest_files', arguments: { count: 1000 } }] },
    { text: 'I see.' },
  ]);
  expect(calls).toMatchObject([{ outcome: 'doubtful' }]);
  expect(calls[0]?.content).toContain('count');
});
