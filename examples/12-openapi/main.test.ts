import { expect, it } from 'vitest';
import { run } from '../test/run.ts';

it('finds a free book and borrows it, and shows what the API was asked', async () => {
  const { stdout, code } = await run('12-openapi/main.ts');
  expect(code).toBe(0);
  expect(stdout).toContain('“A Wizard of Earthsea” is yours for 4 weeks.');
  expect(stdout).toMatch(/GET \/books\?title=sea -> 200\n {2}POST \/loans -> 201\n$/);
  expect(stdout).not.toMatch(/Bearer|[0-9a-f]{8}-[0-9a-f]{4}-/);
});

it('borrows another book, and none where there is none', async () => {
  const baking = await run('12-openapi/main.ts', ['Borrow a book about “baking”.']);
  expect(baking.stdout).toContain('“Baking for Beginners” is yours');
  const none = await run('12-openapi/main.ts', ['Borrow a book about “physics”.']);
  expect(none.stdout).toContain('Of 0 books with “physics” none can be borrowed.');
  expect(none.stdout).not.toContain('POST');
});
