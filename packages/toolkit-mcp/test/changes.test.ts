import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
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

test('a change that is told while the list is being read is not missed', async () => {
  const kit = await connect({ e: hostile('eager') });
  await until(() => names(kit).includes('e__late'));
  expect(names(kit)).toEqual(['e__late']);
});

test('a server that says without end that its list has changed holds up no call for longer than its time', async () => {
  const kit = await connect({ s: { ...hostile('spammer'), timeoutMs: 5_000 } });
  const { outcome } = await callOne(kit, 's__say');
  expect(['ok', 'timeout']).toContain(outcome);
  await kit.dispose?.();
});

test('a server of the newest protocol tells its changes too, and one that went away and came back is read anew', async () => {
  let tools = ['one'];
  const handler = createMcpHandler(() => {
    const server = new Server(
      { name: 's', version: '1' },
      { capabilities: { tools: { listChanged: true } } },
    );
    const inputSchema = { type: 'object' as const };
    server.setRequestHandler('tools/list', () => ({
      tools: tools.map((name) => ({ name, inputSchema })),
    }));
    server.setRequestHandler('tools/call', ({ params }) => {
      return { content: [{ type: 'text' as const, text: `ran ${params.name}` }] };
    });
    return server;
  });
  const handle = toNodeHandler(handler);
  const listen = async (port: number) => {
    const server = createServer((request, response) => void handle(request as never, response));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return server;
  };
  const first = await listen(0);
  const { port } = first.address() as AddressInfo;
  const kit = await connect({ s: { url: `http://127.0.0.1:${port}/` } });
  const one = kit.tools[0]!;
  expect(names(kit)).toEqual(['s__one']);
  tools = ['one', 'two'];
  handler.notify.toolsChanged();
  await until(() => names(kit).includes('s__two'));
  first.closeAllConnections();
  await new Promise((resolve) => first.close(resolve));
  tools = ['two'];
  const second = await listen(port);
  try {
    const plug = { name: 's', tools: [one] };
    await until(async () =>
      String((await callOne(plug, 's__one')).told).includes('no longer offers'),
    );
    expect(names(kit)).toEqual(['s__two']);
    expect((await callOne(kit, 's__two')).told).toBe('ran two');
  } finally {
    await kit.dispose?.();
    second.closeAllConnections();
    second.close();
  }
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
