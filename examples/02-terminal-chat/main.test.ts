import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { run, tempFolder } from '../test/run.ts';

it('goes on in another process, where what was asked before is known', async () => {
  const dir = await tempFolder();
  const first = await run('02-terminal-chat/main.ts', [dir], {
    input: 'When is a ferry from Harbour to Island after 9:00?\n\n',
  });
  expect(first.shown).toContain('the model is SCRIPTED');
  expect(first.stdout).toContain('Questions so far: 0,');
  expect(first.stdout).toContain('from Harbour to Island leaves at 09:15 and arrives at 10:00.');
  const second = await run('02-terminal-chat/main.ts', [dir], {
    input: 'And back?\nWhat did I ask first?\n',
  });
  expect(second.stdout).toContain('Questions so far: 1,');
  expect(second.stdout).toContain('from Island to Harbour leaves at 11:20 and arrives at 12:05.');
  expect(second.stdout).toContain('You first asked: “When is a ferry from Harbour to Island after');
  expect([first.code, second.code]).toEqual([0, 0]);
  expect(await readdir(dir)).toContain('ferries.jsonl');
});
