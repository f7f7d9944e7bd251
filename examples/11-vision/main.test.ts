import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openPage } from '../test/chromium.ts';
import { run, tempFolder } from '../test/run.ts';

const program = '11-vision/main.ts';

it('sends the picture, and says what can be seen on it', async () => {
  const { stdout, code } = await run(program);
  expect(code).toBe(0);
  expect(stdout).toContain(
    'I see 4 bars. Counted from the left, number 3 is the tallest; it is 1.7 times',
  );
});

it('says something else of another picture, and of what is none', async () => {
  const page = await openPage();
  await page.setContent(
    '<body style="margin:0"><div style="width:30px;height:90px;background:red"></div><div style="margin-left:60px;width:30px;height:30px;background:blue">',
  );
  const folder = await tempFolder();
  const picture = join(folder, 'two.png');
  await page.screenshot({ path: picture });
  expect((await run(program, [picture])).stdout).toContain(
    'I see 2 bars. Counted from the left, number 1 is the tallest; it is 3.0 times',
  );
  const text = join(folder, 'none.png');
  await writeFile(text, 'no picture');
  const { shown, code } = await run(program, [text]);
  expect(shown).toMatch(/none\.png cannot be sent/);
  expect(code).toBe(1);
});
