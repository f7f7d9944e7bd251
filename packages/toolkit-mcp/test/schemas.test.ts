import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { callOne } from './support/calls.ts';
import { find, hostile, names, toolkits } from './support/servers.ts';

const { connect, warnings } = toolkits();

test('a bad schema costs its tool alone, the host is told why, and no reference is fetched', async () => {
  let fetched = 0;
  const lure = createServer((_, response) => {
    fetched++;
    response.end('{}');
  });
  await new Promise<void>((resolve) => lure.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = lure.address() as AddressInfo;
    const kit = await connect({ s: hostile('schemas', `http://127.0.0.1:${port}/schema.json`) });
    expect(names(kit)).toEqual(['s__good', 's__tree', 's__fan', 's__slow']);
    const left = warnings.map((words) =>
      /^The tool "([\w-]+)" of the MCP server "s" is left out: (.*)$/.exec(words),
    );
    expect(Object.fromEntries(left.map((match) => [match?.[1], match?.[2]]))).toEqual({
      cycle: 'it refers to itself without end, or branches too often',
      'inner-cycle': 'it refers to itself without end, or branches too often',
      doubling: 'it refers to itself without end, or branches too often',
      remote: expect.stringMatching(/^its "\$ref" "http.*" leads to no part of it$/),
      'remote-by-id': 'its "$ref" "other.json" leads to no part of it',
      file: 'its "$ref" "file:///etc/hostname" leads to no part of it',
      dynamic: 'it uses "$dynamicRef", which cannot be told to the model',
      huge: expect.stringMatching(/^it has 10000\d\d letters, more than 100000$/),
      deep: expect.any(String),
      'not-object': expect.stringContaining('must be an object at its root'),
      'bad-type': expect.stringContaining('there is no type "strnig"'),
      list: 'it is no object',
    });
    expect(fetched).toBe(0);
  } finally {
    lure.close();
  }
});

test('a schema of 100,000 levels costs its tool alone', async () => {
  const kit = await connect({ s: hostile('abyss') });
  expect(names(kit)).toEqual(['s__flat']);
  expect(warnings).toHaveLength(1);
  expect((await callOne(kit, 's__flat')).told).toBe('flat');
});

test('a pattern that would hang the process is told to the model and not run', async () => {
  const kit = await connect({ s: hostile('schemas') });
  const told = await find(kit, 's__slow').inputSchema.describe();
  expect(told).toMatchObject({ properties: { x: { pattern: '^(a+)+$' } } });
  const evil = `${'a'.repeat(5_000)}!`;
  expect(await callOne(kit, 's__slow', { x: evil, [`${'b'.repeat(5_000)}!`]: 'y' })).toMatchObject({
    told: 'ran slow',
  });
  expect(await callOne(kit, 's__slow', {})).toMatchObject({ outcome: 'doubtful' });
});

test('a recursive schema checks as deep as the arguments go, and arguments that would take for ever are not checked', async () => {
  const kit = await connect({ s: hostile('schemas') });
  expect(await callOne(kit, 's__tree', { children: [{ children: [{}] }] })).toMatchObject({
    told: 'ran tree',
  });
  expect(await callOne(kit, 's__tree', { children: [{ children: [7] }] })).toMatchObject({
    outcome: 'doubtful',
    told: expect.stringContaining('children[0].children[0]'),
  });
  let nested: object = {};
  for (let level = 0; level < 60; level++) nested = { x: nested };
  expect(await callOne(kit, 's__fan', nested)).toMatchObject({
    outcome: 'doubtful',
    told: expect.stringContaining('too large or too deep to be checked'),
  });
});
