import { Agent, tool } from '@throughline/core';
import type { Model } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localRestate } from './support/local-restate.ts';
import type { LocalRestate } from './support/local-restate.ts';
import { acting, until } from './support/acting.ts';

let restate: LocalRestate;
beforeAll(async () => {
  restate = await localRestate();
}, 60_000);
afterAll(() => restate.stop(), 60_000);

/** A tool that hangs in one worker and returns in another. */
function hanging(effect: 'read' | 'write', hangs: boolean, begun: string[]) {
  return tool({
    name: 'hang',
    description: 'Hangs.',
    inputSchema: { type: 'object' },
    effect,
    execute: (_, { idempotencyKey }) => {
      begun.push(idempotencyKey);
      return hangs ? new Promise(() => {}) : 'returned';
    },
  });
}

/** Says the answers in turn, by what was said before: the same in every worker. */
function model(...answers: readonly (readonly string[] | string)[]): Model {
  return scriptedModel(({ messages }) => {
    const answer = answers[messages.filter(({ role }) => role === 'assistant').length] ?? [];
    if (typeof answer === 'string') return { text: answer };
    return { calls: answer.map((name) => ({ name, arguments: {} })) };
  });
}

describe('a run that another worker goes on with', () => {
  it('does not hear a message twice', async () => {
    const [begun, waits]: [string[], string[]] = [[], []];
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const make = (hangs: boolean) =>
      new Agent({
        model: model(['wait'], ['hang'], 'Done.'),
        tools: [
          tool({
            name: 'wait',
            description: 'Waits.',
            inputSchema: { type: 'object' },
            effect: 'read',
            execute: () => {
              waits.push('');
              return gate;
            },
          }),
          hanging('read', hangs, begun),
        ],
      });
    const { client, replace } = await restate.serve(make(true));
    const run = await client.start({ input: 'Begin.' });
    await until(() => waits.length === 1);
    await run.steer('Be quick.');
    open();
    await until(() => begun.length === 1);
    await replace(make(false));
    const { messages, unheard } = await run.result();
    const said = messages.filter(({ role }) => role === 'user').map(({ content }) => content);
    expect(said).toEqual(['Begin.', 'Be quick.']);
    expect(unheard).toEqual([]);
    expect(begun).toHaveLength(2);
  });

  it('reads that the outcome of a write is unknown, though the old worker may still be at it', async () => {
    const begun: string[] = [];
    const make = (hangs: boolean) =>
      new Agent({ model: model(['hang'], 'Done.'), tools: [hanging('write', hangs, begun)] });
    const { client, replace } = await restate.serve(make(true));
    const run = await client.start({ input: 'Begin.' });
    await until(() => begun.length === 1);
    await replace(make(false));
    expect((await run.result()).calls).toMatchObject([{ name: 'hang', outcome: 'unknown' }]);
    expect(begun).toEqual([`${run.runId}/1/call/1`]);
  });

  it.each(['read', 'write'] as const)(
    'goes on with an agent inside a call where it was: a %s that was under way, and no write again',
    async (effect) => {
      const [acts, begun]: [string[], string[]] = [[], []];
      const make = (hangs: boolean) => {
        const inner = new Agent({
          model: model(['pay'], ['hang'], 'Inner done.'),
          tools: [acting('pay', 'write', acts), hanging(effect, hangs, begun)],
        });
        return new Agent({
          model: scriptedModel(({ messages }) =>
            messages.at(-1)?.role === 'tool'
              ? { text: 'Outer done.' }
              : { calls: [{ name: 'ask', arguments: { task: 'Pay.' } }] },
          ),
          tools: [inner.asTool({ name: 'ask', description: 'Asks.' })],
        });
      };
      const { client, replace } = await restate.serve(make(true));
      const run = await client.start({ input: 'Begin.' });
      await until(() => begun.length === 1);
      await replace(make(false));
      expect(await run.result()).toMatchObject({
        text: 'Outer done.',
        calls: [{ name: 'ask', outcome: 'ok', content: 'Inner done.' }],
      });
      expect(acts).toEqual(['pay']);
      expect(begun).toHaveLength(effect === 'read' ? 2 : 1);
    },
  );
});
