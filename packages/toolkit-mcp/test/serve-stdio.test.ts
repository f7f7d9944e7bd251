import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { beforeAll, expect, test } from 'vitest';
import { buildPrograms } from '../../../.ci/programs.ts';
import { callOne } from './support/calls.ts';
import { find, folder, lines, names, toolkits, until } from './support/servers.ts';

const { connect, warnings } = toolkits();
const here = folder();

const tested = fileURLToPath(new URL('../.tested', import.meta.url));
beforeAll(() =>
  buildPrograms(tested, {
    served: fileURLToPath(new URL('servers/served.ts', import.meta.url)),
  }),
);

function served(log: string) {
  return { command: process.execPath, args: [join(tested, 'served.mjs'), log] };
}

test('tools served over stdio are listed with their effects as annotations, and run', async () => {
  const log = join(here.path, 'run.log');
  const kit = await connect({ s: { ...served(log), trust: true } });
  expect(names(kit)).toEqual(['s__add', 's__erase', 's__wait']);
  expect(kit.tools.map(({ effect }) => effect)).toEqual(['read', 'destructive', 'write']);
  expect(await find(kit, 's__add').inputSchema.describe()).toMatchObject({ required: ['a', 'b'] });
  expect((await callOne(kit, 's__add', { a: 2, b: 3 })).told).toBe('{"sum":5}');
});

test('a destructive tool is refused where nobody can be asked, also if the client has approved it', async () => {
  const log = join(here.path, 'erase.log');
  const kit = await connect({ s: served(log) });
  expect(await callOne(kit, 's__erase')).toMatchObject({
    outcome: 'failed',
    told: 'This call was not approved: it needs the approval of a person, and there is nobody to ask here',
  });
  expect(await lines(log)).toEqual([]);
});

test('clients of the older and of the newest protocol can both call', async () => {
  const log = join(here.path, 'eras.log');
  for (const mode of ['legacy', { pin: '2026-07-28' }] as const) {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new StdioClientTransport({ ...served(log), stderr: 'ignore' }));
    const { content } = await client.callTool({ name: 'add', arguments: { a: 1, b: 1 } });
    expect(content).toEqual([{ type: 'text', text: '{"sum":2}' }]);
    const wrong = await client.callTool({ name: 'add', arguments: { a: 'one' } });
    expect(wrong).toMatchObject({ isError: true });
    expect(JSON.stringify(wrong.content)).toContain('do not fit the schema');
    const unknown = await client.callTool({ name: 'sub', arguments: {} });
    expect(JSON.stringify(unknown.content)).toContain('no tool is called \\"sub\\"');
    await client.close();
  }
});

test('when the client closes stdin in mid-call, the call is aborted and the process ends', async () => {
  const log = join(here.path, 'gone.log');
  const { command, args } = served(log);
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'inherit'] });
  const ask = (message: object) =>
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const clientInfo = { name: 'test', version: '1' };
  ask({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
  });
  ask({ method: 'notifications/initialized' });
  ask({ id: 2, method: 'tools/call', params: { name: 'wait', arguments: {} } });
  await until(async () => (await lines(log)).includes('waiting'));
  child.stdin.end();
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(await lines(log)).toEqual(['waiting', 'aborted', 'closed']);
});

test('an abort of the client’s run aborts the call in the server', async () => {
  const log = join(here.path, 'cancel.log');
  const kit = await connect({ s: { ...served(log), timeoutMs: 1_500 } });
  expect(await callOne(kit, 's__wait')).toMatchObject({ outcome: 'timeout' });
  await until(async () => (await lines(log)).includes('aborted'));
  expect(warnings).toEqual([]);
});
