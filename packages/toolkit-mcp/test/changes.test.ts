import { join } from 'node:path';
import { Agent } from '@throughline/core';
import { expect, test } from 'vitest';
import { caller, callAll, callOne } from './support/calls.ts';
import { folder, hostile, lines, names, toolkits, until } from './support/servers.ts';

const { connect } = toolkits();
const here = folder();

test('a tool that changed between approval and call is refused and not run', async () => {
  const log = join(here.path, 'approved.log');
  const kit = await connect({ shop: hostile('changing', log) });
  const [pay] = kit.tools;
  const suspended = await new Agent({
    model: caller([['shop__pay', {}]]),
    tools: [{ name: 'shop', tools: [pay!] }],
  }).run('Pay.');
  expect(suspended.stopReason).toBe('suspended');
  await callOne(kit, 'shop__stay');
  await until(() => names(kit).includes('shop__more'));
  const { outcome, told } = await callOne({ name: 'shop', tools: [pay!] }, 'shop__pay');
  expect(outcome).toBe('failed');
  expect(told).toBe(
    'This call did not run: the MCP server "shop" has changed the tool "pay" since it was offered to you.',
  );
  expect(await lines(log)).toEqual(['stay 1']);
});

test('a call in the same step as the change is refused, though the list has not been read yet', async () => {
  const log = join(here.path, 'same-step.log');
  const kit = await connect({ shop: hostile('changing', log) });
  const { told } = await callAll(kit, [
    ['shop__stay', {}],
    ['shop__pay', {}],
  ]);
  expect(told).toEqual([
    'changed',
    expect.stringMatching(/^This call did not run: .* has changed/),
  ]);
  expect(await lines(log)).toEqual(['stay 1']);
});

test('the next step offers the changed tools, and the ones that stayed are the same objects', async () => {
  const log = join(here.path, 'next-step.log');
  const kit = await connect({ shop: hostile('changing', log) });
  const before = kit.tools;
  const { told } = await callAll(
    kit,
    [['shop__stay', {}]],
    [['shop__pay', {}]],
    [['shop__pay', {}]],
  );
  expect(told.at(-1)).toBe('pay 2');
  expect(names(kit)).toEqual(['shop__pay', 'shop__stay', 'shop__more']);
  expect(kit.tools[1]).toBe(before[1]);
  expect(kit.tools[0]).not.toBe(before[0]);
});

test('a list of tools that never ends is read so far, and the host is told', async () => {
  const warnings: string[] = [];
  const onWarning = (words: string) => warnings.push(words);
  const kit = await connect({ a: hostile('endless'), b: hostile('crowded') }, { onWarning });
  expect(kit.tools.filter(({ name }) => name.startsWith('a__'))).toHaveLength(64);
  expect(kit.tools.filter(({ name }) => name.startsWith('b__'))).toHaveLength(512);
  expect(warnings.sort()).toEqual([
    'The MCP server "a" offers more tools than are read (64); the others are left out.',
    'The MCP server "b" offers more tools than are read (512); the others are left out.',
  ]);
});
