import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { Agent, limit, tool } from '../../src/index.ts';
import type { AroundCall, CallToRun, RunOptions } from '../../src/index.ts';
import { fakeModel } from '../support/model.ts';
import { anyTool } from '../support/tools.ts';

const here = new AsyncLocalStorage<string>();
const seen: (string | undefined)[] = [];
const plain = tool({
  name: 'plain',
  description: 'Says where it is.',
  inputSchema: { type: 'object', properties: {} },
  effect: 'read',
  execute: () => `plain in ${here.getStore()}`,
});
const generator = tool({
  name: 'generator',
  description: 'Says where it is, more than once.',
  inputSchema: { type: 'object', properties: {} },
  async *execute() {
    seen.push(here.getStore());
    yield 'on the way';
    seen.push(here.getStore());
    await Promise.resolve();
    return `generator in ${here.getStore()}`;
  },
});
const failing = tool({
  name: 'failing',
  description: 'Fails.',
  inputSchema: { type: 'object', properties: {} },
  execute: () => Promise.reject(new Error('no such luck')),
});

async function resultsWith(around: AroundCall, ...calls: readonly string[]) {
  const model = fakeModel({ calls: calls.map((name) => [name, {}] as const) }, { text: 'done' });
  const agent = new Agent({ model, tools: [plain, generator, failing] }).aroundCalls(around);
  return (await agent.run('go')).calls.map(({ content }) => content);
}

describe('what stands around calls', () => {
  it('holds for all of a tool, a generator before and after each yield included', async () => {
    seen.length = 0;
    const calls: CallToRun[] = [];
    const around: AroundCall = (call, next) => {
      calls.push(call);
      return here.run(`call ${call.call}`, next);
    };
    const told = await resultsWith(around, 'plain', 'generator');
    expect(told).toEqual(['plain in call 1', 'generator in call 2']);
    expect(seen).toEqual(['call 2', 'call 2']);
    expect(calls.map(({ name, effect, step, input }) => ({ name, effect, step, input }))).toEqual([
      { name: 'plain', effect: 'read', step: 1, input: {} },
      { name: 'generator', effect: 'write', step: 1, input: {} },
    ]);
  });

  it('hears of a failure, and may put another value in place of one', async () => {
    const heard: string[] = [];
    const around: AroundCall = async (_call, next) => {
      try {
        return `${String(await next())}, seen`;
      } catch (error) {
        heard.push(String(error));
        throw error;
      }
    };
    const told = await resultsWith(around, 'plain', 'failing');
    expect(told).toEqual(['plain in undefined, seen', 'The tool "failing" failed: no such luck']);
    expect(heard).toEqual(['Error: no such luck']);
  });

  it('can neither leave a call out in silence nor run it twice', async () => {
    const out = await resultsWith(() => Promise.resolve('invented'), 'plain');
    expect(out[0]).toContain('aroundCalls ended without running the call of "plain"');
    const twice: AroundCall = async (_call, next) => [await next(), await next()];
    expect((await resultsWith(twice, 'plain'))[0]).toContain('"plain" a second time');
  });

  it('runs no call that has ended without it', async () => {
    const ran: unknown[] = [];
    const late: Promise<unknown>[] = [];
    const act = anyTool('act', 'write', (input) => void ran.push(input));
    const play = async (around: AroundCall, options: RunOptions) => {
      const model = fakeModel({ calls: [['act', {}]] }, { text: 'done' });
      const agent = new Agent({ model, tools: [act] }).aroundCalls(around);
      await agent.run('go', options).catch(() => {});
      await Promise.allSettled(late);
    };
    let go = () => {};
    const opened = new Promise<void>((resolve) => (go = resolve));
    const held: AroundCall = async (_call, next) => {
      await opened;
      const running = next();
      late.push(running);
      return running;
    };
    await play(held, { limits: [limit.time({ ms: 1_000 })] });
    const stop = new AbortController();
    const aborting: AroundCall = (call, next) => {
      stop.abort('enough');
      return held(call, next);
    };
    await play(aborting, { signal: stop.signal });
    go();
    await expect.poll(() => late.length).toBe(2);
    const outcomes = await Promise.allSettled(late);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await play(async (_call, next) => {
      late.push(new Promise((resolve) => setImmediate(resolve)).then(next));
      return 'later';
    }, {});
    expect(ran).toEqual([]);
  });

  it('stands around the calls of agents inside as well, the outermost first', async () => {
    const order: string[] = [];
    const named =
      (who: string): AroundCall =>
      async (call, next) => {
        order.push(`${who} before ${call.name}`);
        const value = await next();
        order.push(`${who} after ${call.name}`);
        return value;
      };
    const inner = new Agent({
      model: fakeModel({ calls: [['plain', {}]] }, { text: 'inner done' }),
      tools: [plain],
    }).aroundCalls(named('inner'));
    const outer = new Agent({
      model: fakeModel({ calls: [['ask', { task: 'look' }]] }, { text: 'done' }),
      tools: [inner.asTool({ name: 'ask', description: 'Asks.' })],
    })
      .aroundCalls(named('first'))
      .aroundCalls(named('second'));
    await outer.run('go');
    expect(order).toEqual([
      'first before ask',
      'second before ask',
      'first before plain',
      'second before plain',
      'inner before plain',
      'inner after plain',
      'second after plain',
      'first after plain',
      'second after ask',
      'first after ask',
    ]);
  });

  it('is a function', () => {
    const agent = new Agent({ model: fakeModel() });
    expect(() => agent.aroundCalls('x' as never)).toThrow(
      expect.objectContaining({ code: 'invalid_option' }) as Error,
    );
  });
});
