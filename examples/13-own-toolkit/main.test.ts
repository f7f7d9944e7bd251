import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { examples, run, tempFolder } from '../test/run.ts';

it('adds a contact by the tools of the package, and says so where there is one already', async () => {
  const file = join(await tempFolder(), 'contacts.jsonl');
  await copyFile(join(examples, '13-own-toolkit/contacts.jsonl'), file);
  const args = ['Add Grace Hopper <grace@park.example>.', file];
  const first = await run('13-own-toolkit/main.ts', args);
  expect(first.stdout).toContain(
    'Added Grace Hopper. Also there: Alan Turing <alan@park.example>, Joan',
  );
  const second = await run('13-own-toolkit/main.ts', args);
  expect(second.stdout).toContain('There is a contact "Grace Hopper" already');
  expect((await readFile(file, 'utf8')).match(/Grace/g)).toHaveLength(1);
});
