import { request } from 'node:http';
import { Agent, tool, ToolError } from '@throughline/core';
import type { CallScope, Decision } from '@throughline/core';
import { Client } from '@modelcontextprotocol/client';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, expect, test } from 'vitest';
import * as z from 'zod';
import { serveMcp } from '../src/index.ts';
import type { ServedMcp, ServeMcpOptions } from '../src/index.ts';
import { caller, callAll, callOne } from './support/calls.ts';
import { names, toolkits, until } from './support/servers.ts';

const { connect } = toolkits();
const open: ServedMcp[] = [];
const warnings: string[] = [];
afterEach(async () => {
  warnings.length = 0;
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function serve<Context>(
  served: Parameters<typeof serveMcp<Context>>[0],
  options: ServeMcpOptions<Context> = {},
) {
  const onWarning = (words: string) => warnings.push(words);
  const one = await serveMcp(served, { http: true, onWarning, ...options });
  open.push(one);
  const { url = '', token = '' } = one;
  return { ...one, url, token, server: { url, headers: { authorization: `Bearer ${token}` } } };
}

const echo = tool({
  name: 'echo',
  description: 'Says it again.',
  inputSchema: z.object({ text: z.string() }),
  effect: 'read',
  execute: ({ text }) => text,
});

const listing = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };

/** A request by hand: `fetch` would not let a test choose Host and Origin. */
function post(url: string, headers: Record<string, string>, body: string | Buffer) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const accept = 'application/json, text/event-stream';
    const all = { 'content-type': 'application/json', accept, ...headers };
    const sent = request(url, { method: 'POST', headers: all }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test('a client with the token lists and calls, and the server listens on loopback alone', async () => {
  const { url, server } = await serve(echo);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
  const kit = await connect({ s: server });
  expect(names(kit)).toEqual(['s__echo']);
  expect((await callOne(kit, 's__echo', { text: 'hällo' })).told).toBe('hällo');
});

test('clients of the older and of the newest protocol can both call', async () => {
  const { url, server } = await serve(echo);
  for (const mode of ['legacy', { pin: '2026-07-28' }] as const) {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    const { headers } = server;
    await client.connect(
      new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }),
    );
    const { content } = await client.callTool({ name: 'echo', arguments: { text: 'x' } });
    expect(content).toEqual([{ type: 'text', text: 'x' }]);
    await client.close();
  }
});

test('who has no token, a wrong one, a foreign Host or a foreign Origin gets nothing', async () => {
  const { url, token } = await serve(echo);
  const body = JSON.stringify(listing);
  const authorization = `Bearer ${token}`;
  const { port } = new URL(url);
  const refused: readonly (readonly [number, Record<string, string>])[] = [
    [401, {}],
    [401, { authorization: 'Bearer ' }],
    [401, { authorization: `Bearer ${token}x` }],
    [401, { authorization: `Basic ${token}` }],
    [403, { authorization, host: `evil.example:${port}` }],
    [403, { authorization, host: `127.0.0.1.evil.example:${port}` }],
    [403, { authorization, origin: 'https://evil.example' }],
    [403, { authorization, origin: 'null' }],
  ];
  for (const [status, headers] of refused) {
    const answer = await post(url, headers, body);
    expect([headers, answer.status]).toEqual([headers, status]);
    expect(answer.body).not.toContain('echo');
  }
  const fine = await post(url, { authorization, origin: `http://localhost:${port}` }, body);
  expect(fine.status).toBe(200);
  expect(fine.body).toContain('echo');
  expect((await post(url.replace('/mcp', '/other'), { authorization }, body)).status).toBe(404);
});

test('a body of 5 MiB is refused and a broken one does no harm', async () => {
  const { url, token } = await serve(echo);
  const authorization = `Bearer ${token}`;
  const large = await post(url, { authorization }, Buffer.alloc(5 * 1_048_576, 'x'));
  expect(large.status).toBe(413);
  expect((await post(url, { authorization }, '{"half":')).status).toBe(400);
  expect((await post(url, { authorization }, JSON.stringify(listing))).status).toBe(200);
});

test('calls at once run at once, each with its own answer', async () => {
  let running = 0;
  let most = 0;
  let release = () => {};
  const all = new Promise<void>((resolve) => (release = resolve));
  const meet = tool({
    name: 'meet',
    description: 'Waits for the other.',
    inputSchema: z.object({ who: z.string() }),
    effect: 'read',
    execute: async ({ who }) => {
      most = Math.max(most, ++running);
      if (running === 2) release();
      await all;
      return `met ${who}`;
    },
  });
  const { server } = await serve(meet);
  const kit = await connect({ s: { ...server, trust: true } });
  const { told } = await callAll(kit, [
    ['s__meet', { who: 'Ada' }],
    ['s__meet', { who: 'Bob' }],
  ]);
  expect(told).toEqual(['met Ada', 'met Bob']);
  expect(most).toBe(2);
});

for (const mode of ['legacy', 'auto'] as const) {
  test(`a client (${mode}) that goes away in mid-call aborts the call`, async () => {
    let state = '';
    const wait = tool({
      name: 'wait',
      description: 'Waits for ever.',
      inputSchema: z.object({}),
      effect: 'read',
      execute: (_, { signal }) => {
        state = 'waiting';
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            state = 'aborted';
            reject(signal.reason);
          });
        });
      },
    });
    const { url, server } = await serve(wait);
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    const { headers } = server;
    await client.connect(
      new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }),
    );
    const call = client.callTool({ name: 'wait', arguments: {} }).catch(() => {});
    await until(() => state === 'waiting');
    await client.close();
    await call;
    await until(() => state === 'aborted');
  });
}

test('a call that a person must approve is put to `ask`, with its arguments, and runs only on a yes', async () => {
  const erased: string[] = [];
  const erase = tool({
    name: 'erase',
    description: 'Erases a file.',
    inputSchema: z.object({ path: z.string() }),
    effect: 'destructive',
    execute: ({ path }) => {
      erased.push(path);
      return 'erased';
    },
  });
  const asked: string[] = [];
  const { server } = await serve(erase, {
    ask: ({ name, arguments: text }) => {
      asked.push(`${name} ${text}`);
      return text.includes('/tmp/') ? { approve: true } : { refuse: 'only in /tmp' };
    },
  });
  const kit = await connect({ s: server });
  expect((await callOne(kit, 's__erase', { path: '/tmp/x' })).told).toBe('erased');
  expect((await callOne(kit, 's__erase', { path: '/etc/x' })).told).toBe(
    'This call was not approved: only in /tmp',
  );
  expect(asked).toEqual(['erase {"path":"/tmp/x"}', 'erase {"path":"/etc/x"}']);
  expect(erased).toEqual(['/tmp/x']);
});

test('a client that goes away while `ask` waits for a person ends the wait, and a late yes runs nothing', async () => {
  let ran = 0;
  const erase = tool({
    name: 'erase',
    description: 'Erases.',
    inputSchema: z.object({}),
    effect: 'destructive',
    execute: () => `${++ran}`,
  });
  const waits: AbortSignal[] = [];
  let decide: (decision: Decision) => void = () => {};
  const decided = new Promise<Decision>((resolve) => (decide = resolve));
  const { url, server } = await serve(erase, {
    ask: (_, { signal }) => {
      waits.push(signal);
      return decided;
    },
  });
  const client = new Client({ name: 'test', version: '1' });
  const { headers } = server;
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }),
  );
  const call = client.callTool({ name: 'erase', arguments: {} }).catch(() => {});
  await until(() => waits.length === 1);
  await client.close();
  await call;
  await until(() => waits[0]?.aborted === true);
  decide({ approve: true });
  await decided;
  await new Promise((resolve) => setTimeout(resolve, 100)); // a call that the yes let run would have run
  expect(ran).toBe(0);
});

test('an `ask` that gives no decision is told to the host, and the call does not run', async () => {
  const erase = tool({
    name: 'erase',
    description: 'Erases.',
    inputSchema: z.object({}),
    effect: 'destructive',
    execute: () => expect.fail('It ran.'),
  });
  const { server } = await serve(erase, { ask: (() => undefined) as never });
  const kit = await connect({ s: server });
  expect((await callOne(kit, 's__erase')).told).toBe('The tool "erase" failed.');
  expect(warnings.join()).toMatch(/ask of serveMcp/);
});

test('a tool’s own `approve` and the host’s are asked about every call, and get the host’s context', async () => {
  interface Shop {
    readonly most: number;
  }
  const paid: number[] = [];
  const pay = tool({
    name: 'pay',
    description: 'Pays.',
    inputSchema: z.object({ eur: z.number() }),
    effect: 'write',
    execute: ({ eur }, { context }: CallScope<Shop>) => {
      paid.push(eur);
      return `paid ${eur} of ${context.most}`;
    },
    approve: ({ eur }, { context }) => eur <= context.most || 'ask',
  });
  const { server } = await serve<Shop>(pay, {
    context: { most: 50 },
    approve: ({ input }) =>
      (input as { eur: number }).eur === 13 ? { refuse: 'an unlucky number' } : undefined,
  });
  const kit = await connect({ s: server });
  expect((await callOne(kit, 's__pay', { eur: 20 })).told).toBe('paid 20 of 50');
  expect((await callOne(kit, 's__pay', { eur: 13 })).told).toContain('an unlucky number');
  expect((await callOne(kit, 's__pay', { eur: 99 })).told).toContain('nobody to ask');
  expect(paid).toEqual([20]);
});

test('a tool’s own words reach the client; any other error reaches the host alone', async () => {
  const fail = tool({
    name: 'fail',
    description: 'Fails.',
    inputSchema: z.object({ kindly: z.boolean() }),
    effect: 'read',
    execute: ({ kindly }) => {
      throw kindly
        ? new ToolError('There is no order 17.')
        : new Error('postgres://admin:s3cret@db failed');
    },
  });
  const { server } = await serve(fail);
  const kit = await connect({ s: server });
  expect((await callOne(kit, 's__fail', { kindly: true })).told).toBe('There is no order 17.');
  expect(warnings).toEqual([]);
  expect((await callOne(kit, 's__fail', { kindly: false })).told).toBe('The tool "fail" failed.');
  expect(warnings).toEqual([expect.stringContaining('s3cret')]);
});

test('pictures and progress of a tool reach the client', async () => {
  const url = `data:image/png;base64,${Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')}`;
  const draw = tool({
    name: 'draw',
    description: 'Draws.',
    inputSchema: z.object({}),
    effect: 'read',
    async *execute() {
      yield 'sketching';
      yield { percent: 50 };
      await new Promise((resolve) => setTimeout(resolve, 50));
      return [{ type: 'image_url', image_url: { url } }];
    },
  });
  const { server } = await serve(draw);
  const kit = await connect({ s: server });
  const { told, events } = await callOne(kit, 's__draw');
  expect(told).toEqual([{ type: 'image_url', image_url: { url } }]);
  const progress = events.flatMap((event) =>
    event.type === 'call.progress' ? event.progress : [],
  );
  expect(progress.at(-1)).toEqual({ progress: 2, message: '{"percent":50}' });
});

test('an agent is served as one tool, and what its own calls need is asked too', async () => {
  const erased: string[] = [];
  const erase = tool({
    name: 'erase',
    description: 'Erases.',
    inputSchema: z.object({}),
    effect: 'destructive',
    execute: () => void erased.push('all'),
  });
  const janitor = () =>
    new Agent({ name: 'janitor', model: caller([['erase', {}]]), tools: [erase] });
  const description = 'Keeps the place tidy.';
  const nobody = await connect({ s: (await serve(janitor(), { description })).server });
  expect(names(nobody)).toEqual(['s__janitor']);
  expect((await callOne(nobody, 's__janitor', { task: 'Erase all.' })).told).toBe('Done.');
  expect(erased).toEqual([]);
  const asked: string[] = [];
  const ask = ({ name }: { name: string }) => {
    asked.push(name);
    return { approve: true as const };
  };
  const somebody = await connect({ s: (await serve(janitor(), { description, ask })).server });
  expect((await callOne(somebody, 's__janitor', { task: 'Erase all.' })).told).toBe('Done.');
  expect(asked).toEqual(['erase']);
  expect(erased).toEqual(['all']);
});

test('what cannot be served is refused, without showing the token', async () => {
  const bad: readonly (readonly [unknown, object])[] = [
    [new Agent({ model: caller() }), {}],
    [echo, { http: { token: 'short' } }],
    [echo, { http: { token: 'with\nnewline-and-more' } }],
    [echo, { http: { port: 70_000 } }],
    [echo, { http: { hots: 'x' } }],
    [echo, { aprove: () => true }],
  ];
  for (const [served, options] of bad) {
    const error = await serveMcp(served as never, options).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'invalid_option' });
    expect(String(error)).not.toMatch(/short|newline/);
  }
  await expect(serveMcp([echo, echo], { http: true })).rejects.toMatchObject({
    code: 'duplicate_tool',
  });
});

test('a port that is taken is told, and closing frees it', async () => {
  const one = await serve(echo);
  const port = Number(new URL(one.url).port);
  await expect(serveMcp(echo, { http: { port } })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await one.close();
  await one.closed;
  await (await serve(echo, { http: { port } })).close();
});
