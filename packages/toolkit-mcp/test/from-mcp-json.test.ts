import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { fromMcpJson } from '../src/index.ts';
import { callOne } from './support/calls.ts';
import { folder, hostile, toolkits } from './support/servers.ts';

const here = folder();
const { connect } = toolkits();

async function written(content: unknown): Promise<string> {
  const file = join(here.path, '.mcp.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

test('the servers of a .mcp.json are connected as they stand there', async () => {
  const { command, args } = hostile('mortal');
  const file = await written({
    mcpServers: {
      m: { type: 'stdio', command, args, env: { A: 'b' }, autoApprove: ['*'] },
      off: { command: '/no/such/program', disabled: true },
    },
  });
  const kit = await connect(await fromMcpJson(file));
  expect((await callOne(kit, 'm__live')).told).toContain('alive');
  expect(kit.tools.map(({ effect }) => effect)).toEqual(['destructive', 'destructive']);
});

test('variables are filled in where the host allows them, and no other is given away', async () => {
  vi.stubEnv('MCP_TEST_KEY', 'k3y');
  const headers = {
    authorization: 'Bearer ${MCP_TEST_KEY}',
    'x-region': '${MCP_TEST_REGION:-eu}',
  };
  const file = await written({
    mcpServers: { h: { type: 'http', url: 'https://example.com/mcp', headers } },
  });
  expect(await fromMcpJson(file, { env: ['MCP_TEST_KEY'] })).toEqual({
    h: {
      url: 'https://example.com/mcp',
      headers: { authorization: 'Bearer k3y', 'x-region': 'eu' },
    },
  });
  await expect(fromMcpJson(file)).rejects.toMatchObject({
    code: 'invalid_option',
    message: expect.stringContaining(
      "needs the variable MCP_TEST_KEY; to let the file use it, pass { env: ['MCP_TEST_KEY'] }",
    ),
  });
});

test('a name that would not do before a tool is changed, and two that become one are refused', async () => {
  const x = { command: 'x' };
  const file = await written({
    mcpServers: { 'io.github.acme/shop': x, '@me': x, '7': x, my_own: x },
  });
  expect(Object.keys(await fromMcpJson(file))).toEqual([
    'server-7',
    'io-github-acme-shop',
    'me',
    'my_own',
  ]);
  await expect(
    fromMcpJson(await written({ mcpServers: { 'a.b': x, 'a/b': x } })),
  ).rejects.toMatchObject({
    code: 'invalid_option',
    message: expect.stringContaining('two servers that would be called "a-b"'),
  });
});

test('a file that says nothing usable is refused in words that do not quote it', async () => {
  const bad: readonly (readonly [unknown, RegExp])[] = [
    ['{ "key": s3cret', /is not JSON/],
    [{}, /has no object "mcpServers"/],
    [{ mcpServers: [] }, /has no object "mcpServers"/],
    [{ mcpServers: { a: 's3cret' } }, /a server "a" that is no object/],
    [
      { mcpServers: { a: { args: ['s3cret'] } } },
      /a server "a" that has neither a command nor a url/,
    ],
    [{ mcpServers: { a: { type: 'sse', url: 'http://x' } } }, /HTTP\+SSE/],
    [{ mcpServers: { a: { type: 'websocket', url: 'ws://x' } } }, /the type "websocket"/],
    [{ mcpServers: { a: { command: '${MCP_TEST_UNSET}' } } }, /MCP_TEST_UNSET/],
  ];
  for (const [content, words] of bad) {
    const error = await fromMcpJson(await written(content)).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringMatching(words) });
    expect(String(error)).not.toContain('s3cret');
  }
  await expect(fromMcpJson(join(here.path, 'nowhere.json'))).rejects.toMatchObject({
    code: 'invalid_option',
    message: expect.stringContaining('cannot be read'),
  });
});
