import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, ModelError, tool } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { durable, registerWorker, restateClient, startServer, startWorker } from '../src/index.ts';
import { localRestate } from './support/local-restate.ts';
import type { LocalRestate } from './support/local-restate.ts';
import { acting, pendingOf, until } from './support/acting.ts';

let restate: LocalRestate;
beforeAll(async () => {
  restate = await localRestate();
}, 60_000);
afterAll(() => restate.stop(), 60_000);

// Each test has a worker of its own; one of them waits until the client gives a server up.
describe.concurrent('a run that fails', () => {
  it('ends for good with its typed error, and is not tried again', async () => {
    const model = scriptedModel(() => {
      throw new ModelError('authentication', 'The key is refused.', { status: 401 });
    });
    const { client } = await restate.serve(new Agent({ model }));
    const run = await client.start({ input: 'Hi.' });
    await expect(run.result()).rejects.toMatchObject({
      name: 'ModelError',
      code: 'authentication',
      message: 'The key is refused.',
      status: 401,
      retryable: false,
    });
    expect(model.requests).toHaveLength(1);
    expect(await restate.statusOf(run.runId)).toBe('completed');
  });

  it('for an input that cannot be sent says so', async () => {
    const { client } = await restate.serve(new Agent({ model: scriptedModel([]) }));
    const run = await client.start({ input: '' });
    await expect(run.result()).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('because a result is larger than Restate takes says which, and is not tried for ever', async () => {
    const huge = tool({
      name: 'huge',
      description: 'Returns too much.',
      inputSchema: { type: 'object' },
      effect: 'read',
      maxResultChars: 2 ** 26,
      execute: () => ({ bytes: 'x'.repeat(31 * 2 ** 20) }),
    });
    const model = scriptedModel([{ calls: [{ name: 'huge', arguments: {} }] }, { text: 'Hm.' }]);
    const { client } = await restate.serve(new Agent({ model, tools: [huge] }));
    const run = await client.start({ input: 'Go.' });
    await expect(run.result()).rejects.toMatchObject({
      code: 'session_storage',
      message: expect.stringMatching(
        /^The result of the step "1\/call\/1" has \d{8} bytes/,
      ) as string,
    });
  });
});

describe.concurrent('a worker of another version', () => {
  it('does not go on with a run, and the old one does', async () => {
    const name = 'versioned';
    const make = (text: string) =>
      new Agent({
        model: scriptedModel(({ messages }) =>
          messages.length === 1 ? { calls: [{ name: 'wipe', arguments: {} }] } : { text },
        ),
        tools: [acting('wipe', 'destructive')],
      });
    const retry = { inactivityTimeout: 50, retryPolicy: { initialInterval: 50, maxInterval: 200 } };
    const old = { name, version: 'a', restate: retry };
    const { client, worker } = await restate.serve(make('old'), old);
    const run = await client.start({ input: 'Wipe.' });
    const [call] = await pendingOf(run);
    await until(async () => (await restate.statusOf(run.runId)) === 'suspended');
    const port = Number(new URL(worker.url).port);
    await worker.close();
    const changed = await startWorker({
      agents: [durable(make('new'), { ...old, version: 'b' })],
      port,
    });
    await run.decide({ id: call!.id, approve: true });
    await until(
      async () => (await restate.failureOf(run.runId))?.includes('began as version "1/a"') === true,
    );
    await changed.close();
    const back = await startWorker({ agents: [durable(make('old'), old)], port });
    expect((await run.result()).text).toBe('old');
    await back.close();
  });
});

describe.concurrent('a worker', () => {
  it('goes on with a step that lasts longer than Restate waits for, and does not begin it again', async () => {
    let begun = 0;
    const slow = tool({
      name: 'slow',
      description: 'Takes its time.',
      inputSchema: { type: 'object' },
      execute: async () => {
        begun++;
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        return 'done';
      },
    });
    const model = scriptedModel([{ calls: [{ name: 'slow', arguments: {} }] }, { text: 'ok' }]);
    const { client } = await restate.serve(new Agent({ model, tools: [slow] }), {
      restate: { inactivityTimeout: 100 },
    });
    const result = await (await client.start({ input: 'Go.' })).result();
    expect(result.calls).toMatchObject([{ outcome: 'ok', content: 'done' }]);
    expect(begun).toBe(1);
  });

  it('that nobody can reach, or a server that is not there, is named', async () => {
    await expect(registerWorker(restate.server.adminUrl, 'http://127.0.0.1:1')).rejects.toThrow(
      /did not take the worker http:\/\/127\.0\.0\.1:1: /,
    );
    const { dir } = { dir: '/proc/nowhere' };
    await expect(startServer({ dir })).rejects.toThrow(/ended before it was ready/);
    const { ports } = restate.server;
    const elsewhere = await mkdtemp(join(tmpdir(), 'throughline-restate-'));
    await expect(startServer({ dir: elsewhere, ports })).rejects.toThrow(
      /the port \d+ is not free/,
    );
    await rm(elsewhere, { recursive: true, force: true });
    await expect(startServer({ dir, program: '/nowhere/restate-server' })).rejects.toThrow(
      /ENOENT/,
    );
  });

  it('is named by a caller who does not reach it, or the server', async () => {
    const { ingressUrl } = restate.server;
    const nobody = restateClient({ agent: 'nobody', url: ingressUrl });
    await expect(nobody.start({ input: 'Hi.' })).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining('knows no agent "nobody"') as string,
    });
    const nowhere = restateClient({ agent: 'nobody', url: 'http://127.0.0.1:1' });
    const pending = nowhere.run('x').result({ signal: AbortSignal.timeout(300) });
    await expect(pending).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(nowhere.start({ input: 'Hi.' })).rejects.toMatchObject({
      code: 'connection',
      message: expect.stringContaining('http://127.0.0.1:1 does not answer') as string,
    });
  });

  it('refuses options that do not exist', async () => {
    const agent = new Agent({ model: scriptedModel([]) });
    expect(() => durable(agent, { name: 'my agent' })).toThrow(/called "my agent"/);
    expect(() => durable(agent, { versoin: '2' } as never)).toThrow(/versoin/);
    await expect(startWorker({ agents: [], prot: 1 } as never)).rejects.toThrow(/prot/);
  });
});
