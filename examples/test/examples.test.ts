import { Agent, ModelError, tool } from '@throughline/core';
import type { CallPending } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import type { Script } from '@throughline/simulator';
import { scriptedModel } from '@throughline/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { chat } from '../chat.ts';
import { careful, editor, hurried, lookFirst, patient, readInvoice } from '../control.ts';
import { askOnce } from '../errors.ts';
import { clerk, serve, serveLater } from '../refund.ts';
import type { Shop } from '../refund.ts';
import { run } from './run.ts';

describe('the program in the README', () => {
  it('asks its tool twice and prints the answer', async () => {
    const script: Script = ({ messages }) => {
      const times = messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
      if (times.length > 0) return { text: `It is ${times[0]} in Tokyo and ${times[1]} in Lima.` };
      const zones = ['Asia/Tokyo', 'America/Lima'];
      return { calls: zones.map((zone) => ({ name: 'time_in', arguments: { zone } })) };
    };
    const simulator = await startSimulator({ script });
    const env = { ANYFAST_API_KEY: simulator.key, ANYFAST_BASE_URL: simulator.url };
    const { stdout } = await run('first.ts', [], { env });
    await simulator.close();
    expect(stdout).toMatch(/^It is \d\d:\d\d:\d\d in Tokyo and \d\d:\d\d:\d\d in Lima\.\n$/);
  });
});

describe('the shop', () => {
  const refunds: string[] = [];
  const context: Shop = {
    bank: {
      async refund(orderId, eur, { idempotencyKey }) {
        refunds.push(`${orderId} ${eur} ${idempotencyKey.length > 0}`);
        return { receipt: 'R1' };
      },
    },
  };
  const model = (eur: number) =>
    scriptedModel([
      { calls: [{ name: 'refund', arguments: { orderId: '17', eur } }] },
      { text: 'Done.' },
    ]);

  it('refunds small sums at once, and asks a person about large ones', async () => {
    const asked: string[] = [];
    const ask = async (details: string) => {
      asked.push(details);
      return { refuse: 'The order is older than a year.' };
    };
    await serve(clerk(model(20)), 'Refund 17.', context, ask);
    const refused = await serve(clerk(model(80)), 'Refund 17.', context, ask);
    expect(refunds.splice(0)).toEqual(['17 20 true']);
    expect(asked).toEqual(['refund {"orderId":"17","eur":80}']);
    expect(refused.messages[2]?.content).toMatch(/: The order is older than a year\.$/);
  });

  it('resumes when the decision comes a day later', async () => {
    const decide = async (call: CallPending) => {
      expect(refunds).toEqual([]);
      expect(call).toMatchObject({ name: 'refund', arguments: '{"orderId":"17","eur":80}' });
      return { approve: true as const };
    };
    const result = await serveLater(clerk(model(80)), 'Refund 17.', context, decide);
    expect(result.text).toBe('Done.');
    expect(refunds.splice(0)).toEqual(['17 80 true']);
  });
});

it('a chat goes on where it ended', async () => {
  const model = scriptedModel(({ messages }) => ({ text: `${messages.length} messages so far` }));
  expect(await chat(model, ['a', 'b'])).toEqual(['2 messages so far', '4 messages so far']);
});

it('errors become sentences', async () => {
  const busy = new ModelError('overloaded', 'Full.', { retryable: true, retryAfterMs: 4200 });
  expect(await askOnce(scriptedModel([{ error: busy }]), 'hi')).toBe('Try again in 5 s: Full.');
  expect(await askOnce(scriptedModel([]), '')).toMatch(/^invalid_input: The input is empty/);
});

describe('a run under control', () => {
  const noTools = scriptedModel(() => ({ text: 'ok' }));
  const search = tool({
    name: 'search',
    description: 'Searches.',
    inputSchema: z.object({ q: z.string().default('') }),
    effect: 'read',
    execute: ({ q }) => `nothing about ${q}`,
  });

  it('stops at the limit of one tool', async () => {
    const model = scriptedModel(({ messages }) => ({
      calls: [{ name: 'search', arguments: { q: `${messages.length}` } }],
    }));
    const result = await careful(model, [search]).run('Search.');
    expect(result).toMatchObject({
      stopReason: 'limit',
      limit: { name: 'calls of search', used: 3 },
    });
  });

  it('is hurried on', async () => {
    const model = scriptedModel(async ({ messages }, index) => {
      if (index > 0) return { text: String(messages.at(-1)?.content) };
      await new Promise((resolve) => setTimeout(resolve, 30));
      return { calls: [{ name: 'search', arguments: {} }] };
    });
    const { text } = await hurried(careful(model, [search]).stream('Search.'), 5);
    expect(text).toBe('Please come to an end.');
  });

  it('answers in the form that was asked for', async () => {
    const given = { customer: 'Café Linde', eur: 247.5 };
    const model = scriptedModel([{ calls: [{ name: 'final_answer', arguments: given }] }]);
    expect(await readInvoice(model, 'Café Linde owes 247.50 EUR.')).toEqual(given);
  });

  it('has another agent look things up, and hands over', async () => {
    const model = scriptedModel([
      { calls: [{ name: 'research', arguments: { task: 'bread' } }] },
      { calls: [{ name: 'search', arguments: { q: 'bread' } }] },
      { text: 'Found nothing about bread.' },
      { calls: [{ name: 'hand_over', arguments: { task: 'calm down' } }] },
    ]);
    const assistant = new Agent({
      name: 'assistant',
      model: scriptedModel([{ text: 'I am sorry.' }]),
    });
    const { text, messages } = await editor(model, search, assistant).run('Where is my bread?');
    expect(text).toBe('I am sorry.');
    expect(messages[2]?.content).toBe('Found nothing about bread.');
  });

  it('looks first, and keeps its history short', async () => {
    const model = scriptedModel([{ calls: [{ name: 'search', arguments: {} }] }, { text: 'ok' }]);
    expect((await lookFirst(model, search).run('Look.')).text).toBe('ok');
    expect(model.requests.map(({ toolChoice }) => toolChoice)).toEqual([
      { name: 'search' },
      'auto',
    ]);
    expect((await patient(noTools).run('Hello.')).text).toBe('ok');
  });
});
