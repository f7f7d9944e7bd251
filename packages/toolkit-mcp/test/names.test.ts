import { expect, test } from 'vitest';
import { callOne } from './support/calls.ts';
import { hostile, names, toolkits } from './support/servers.ts';

const { connect, warnings } = toolkits();

test('every tool gets a name that the endpoint takes, its own, and the same whatever other tools there are', async () => {
  const kit = await connect({ one: hostile('names'), two: hostile('names') });
  const found = names(kit);
  expect(found).toHaveLength(10);
  expect(new Set(found).size).toBe(10);
  for (const name of found) expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/);
  expect(found.slice(0, 3)).toEqual([
    expect.stringMatching(/^one__a_b_[0-9a-f]{8}$/),
    'one__a_b',
    expect.stringMatching(/^one__a_b_[0-9a-f]{8}$/),
  ]);
  const alone = await connect({ one: { ...hostile('names'), tools: ['a b'] } });
  expect(names(alone)).toEqual([found[0]]);
});

test('what has no name or schema, or the name of another, is left out alone, and the host is told', async () => {
  await connect({ one: hostile('names') });
  expect(warnings).toEqual([
    'The MCP server "one" offers 3 tools without a usable name or input schema; left out.',
    'The MCP server "one" offers 1 tools under a name that another one has; left out.',
  ]);
});

test('a call of a renamed tool reaches the server under the server’s own name', async () => {
  const kit = await connect({ one: hostile('names') });
  const { told } = await callOne(kit, names(kit)[0]!);
  expect(told).toBe('a b');
});

test('a server name that would make tools of two servers alike is refused', async () => {
  for (const name of ['a__b', 'a_', '_a', '1a', 'a b', '', 'ä', 'x'.repeat(33)]) {
    await expect(connect({ [name]: hostile('names') })).rejects.toMatchObject({
      code: 'invalid_option',
    });
  }
});

test('a tool that the host asks for and the server does not have is told of', async () => {
  const kit = await connect({ one: { ...hostile('names'), tools: ['a_b', 'gone'] } });
  expect(names(kit)).toEqual(['one__a_b']);
  expect(warnings.at(-1)).toBe('The MCP server "one" has no tool "gone".');
});
