import { expect, it } from 'vitest';
import { run } from '../test/run.ts';

it('asks an agent over MCP, which asks a file server over MCP', async () => {
  const { stdout, code } = await run('08-mcp/main.ts');
  expect(code).toBe(0);
  expect(stdout).toMatch(/→ library__librarian\([\s\S]*in the librarian: notes__read_text_file\(/);
  expect(stdout).toMatch(/tulips go in .*\(garden\.txt\)\n.*boiler is serviced .*\(house\.txt\)/);
});

it('says something else of another question', async () => {
  const { stdout } = await run('08-mcp/main.ts', ['When do we cut the tree?']);
  expect(stdout).toContain('Cut the apple tree in February. (garden.txt)');
  expect(stdout).not.toContain('tulips');
});
