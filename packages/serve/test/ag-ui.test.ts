import { EventType, HttpAgent } from '@ag-ui/client';
import type { BaseEvent, Interrupt, RunFinishedEvent } from '@ag-ui/client';
import { ModelError } from '@throughline/core';
import { agUi, agUiResponse } from '@throughline/serve';
import { expect, test } from 'vitest';
import { all, blocks, boss, listen, post, served, world } from './support/world.ts';

const look = { name: 'weather', arguments: { city: 'Oslo' } };
const wait = { name: 'wait', arguments: { city: 'Oslo' } };
const wipe = { name: 'wipe', arguments: { city: 'Oslo' } };

/** The client of AG-UI, which checks the order and the shape of every event, and what it was told. */
function clientOf(url: string) {
  const agent = new HttpAgent({ url, threadId: 'chat' });
  const told: BaseEvent[] = [];
  const failures: Error[] = [];
  const run = (params: Parameters<HttpAgent['runAgent']>[0] = {}) =>
    agent.runAgent(params, {
      onEvent: ({ event }) => void told.push(event),
      onRunFailed: ({ error }) => void failures.push(error),
    });
  const say = (content: string) => {
    agent.addMessage({ id: crypto.randomUUID(), role: 'user', content });
    return run();
  };
  return { agent, told, failures, run, say };
}

const types = (told: readonly BaseEvent[]) => told.map(({ type }) => type);
const interruptsIn = (told: readonly BaseEvent[]): readonly Interrupt[] => {
  const { outcome } = told.at(-1) as RunFinishedEvent;
  return outcome?.type === 'interrupt' ? outcome.interrupts : [];
};

test('the client of AG-UI is told reasoning, text, calls, progress and results', async () => {
  const there = world([
    { reasoning: 'I look.', text: 'Let me see.', calls: [look, wait] },
    { reasoning: 'Now I know.', text: 'Sunny.' },
  ]);
  there.gate.open();
  const client = clientOf(await listen(agUi(served(there))));
  const { newMessages } = await client.say('How is Oslo?');
  expect(client.failures).toEqual([]);
  expect(newMessages.map(({ role, content }) => [role, content])).toEqual([
    ['reasoning', 'I look.'],
    ['assistant', 'Let me see.'],
    ['tool', '{"city":"Oslo","sky":"sunny"}'],
    ['tool', 'waited in Oslo'],
    ['reasoning', 'Now I know.'],
    ['assistant', 'Sunny.'],
  ]);
  const [, assistant] = newMessages;
  const calls = assistant?.role === 'assistant' ? assistant.toolCalls : [];
  expect(calls?.map((call) => call.function)).toEqual([
    { name: 'weather', arguments: '{"city":"Oslo"}' },
    { name: 'wait', arguments: '{"city":"Oslo"}' },
  ]);
  expect(types(client.told)).toContain(EventType.CUSTOM);
});

test('a call that waits ends the run as an interrupt, and the next run resumes it', async () => {
  const there = world([{ calls: [wipe] }, { text: 'Gone.' }]);
  const runs = served(there);
  const client = clientOf(await listen(agUi(runs)));
  await client.say('Wipe Oslo.');
  const [interrupt] = interruptsIn(client.told);
  expect(interrupt).toMatchObject({ reason: 'tool_call', toolCallId: 'wipe:0' });
  expect([runs.size, there.did]).toEqual([0, []]);
  const interruptId = interrupt?.id ?? '';
  const resume = [{ interruptId, status: 'resolved' as const, payload: { approved: true } }];
  const { newMessages } = await client.run({ resume });
  expect(client.failures).toEqual([]);
  expect(newMessages.map(({ content }) => content)).toEqual(['Oslo is gone', 'Gone.']);
  expect(there.did).toEqual(['wipe Oslo']);
});

test('a call that a person refuses, or that is cancelled, does not run', async () => {
  const decisions = [
    { status: 'resolved' as const, payload: { approved: false, reason: 'I live there.' } },
    { status: 'cancelled' as const },
  ];
  for (const decision of decisions) {
    const there = world([{ calls: [wipe] }, { text: 'As you wish.' }]);
    const client = clientOf(await listen(agUi(served(there))));
    await client.say('Wipe Oslo.');
    const resume = [{ interruptId: interruptsIn(client.told)[0]?.id ?? '', ...decision }];
    const { newMessages } = await client.run({ resume });
    expect(client.failures).toEqual([]);
    expect(newMessages.at(-1)?.content).toBe('As you wish.');
    expect(there.did).toEqual([]);
  }
});

test('a call of an agent inside a call is approved by the client', async () => {
  const there = world([{ calls: [wipe] }, { text: 'Wiped.' }]);
  const client = clientOf(await listen(agUi(served(there, { agent: boss(there) }))));
  await client.say('Wipe Oslo.');
  const interruptId = interruptsIn(client.told)[0]?.id ?? '';
  const resume = [{ interruptId, status: 'resolved' as const, payload: { approved: true } }];
  const { newMessages } = await client.run({ resume });
  expect(client.failures).toEqual([]);
  expect(newMessages.at(-1)?.content).toBe('All done.');
  expect(there.did).toEqual(['wipe Oslo']);
});

const lost = () => new ModelError('connection', 'lost at 10.0.0.7', { retryable: true });

test('an answer that breaks off is marked as void, and its calls are never told', async () => {
  const there = world([
    { reasoning: 'I th', text: 'Half an ans', calls: [look, wait], error: lost() },
    { reasoning: 'I think.', text: 'Whole.', calls: [look] },
    { text: 'Sunny.' },
  ]);
  const client = clientOf(await listen(agUi(served(there))));
  const { newMessages } = await client.say('How is Oslo?');
  expect(client.failures).toEqual([]);
  const retry = client.told.find(({ type }) => type === EventType.CUSTOM) as unknown as {
    value: { void: string[] };
  };
  const kept = newMessages.filter(({ id }) => !retry.value.void.includes(id));
  expect(kept.map(({ content }) => content)).toEqual([
    'I think.',
    'Whole.',
    '{"city":"Oslo","sky":"sunny"}',
    'Sunny.',
  ]);
  expect(types(client.told).filter((type) => type === EventType.TOOL_CALL_START)).toHaveLength(1);
  expect(JSON.stringify(client.told)).not.toContain('10.0.0.7');
});

test('an answer that breaks off is never shown where a step is buffered', async () => {
  const there = world([
    { reasoning: 'I th', text: 'Half an ans', error: lost() },
    { text: 'Whole.' },
  ]);
  const client = clientOf(await listen(agUi(served(there), { buffer: 'step' })));
  const { newMessages } = await client.say('Go.');
  expect(newMessages.map(({ content }) => content)).toEqual(['Whole.']);
});

test('a failure ends the run with its code alone, with nothing left open', async () => {
  const there = world([{ text: 'Half', error: new Error('key sk-123') }]);
  const client = clientOf(await listen(agUi(served(there))));
  await client.say('Go.').catch(() => {});
  expect(client.told.at(-1)).toMatchObject({
    type: EventType.RUN_ERROR,
    code: 'error',
    message: 'The run failed: error.',
  });
});

test('the run is aborted when the client leaves, and the next message goes on', async () => {
  const there = world([{ calls: [wait] }, { text: 'Here.' }]);
  const client = clientOf(await listen(agUi(served(there))));
  const said = client.say('Wait.').catch(() => {});
  await there.gate.waiting;
  client.agent.abortRun();
  await said;
  const again = clientOf(client.agent.url);
  const { newMessages } = await again.say('Still there?');
  expect(newMessages.at(-1)?.content).toBe('Here.');
});

const input = { threadId: 'chat', runId: 'r', messages: [], tools: [], context: [], state: {} };
const odd: readonly (readonly [string, object, string])[] = [
  ['no thread', { threadId: undefined }, 'threadId must be a text'],
  ['no run', { runId: 7 }, 'runId must be a text'],
  ['no message', {}, "last message is a user's"],
  [
    'an image behind an address',
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image', source: { type: 'url', value: 'https://x.example' } }],
        },
      ],
    },
    'base64',
  ],
  ['a resume that is no list', { resume: {} }, 'resume must be a list'],
  [
    'a resume without a yes or no',
    { resume: [{ interruptId: 'i', status: 'resolved', payload: { approved: 'yes' } }] },
    'An entry of resume is',
  ],
];
test.each(odd)('a body with %s is answered 400 in words', async (_, fields, words) => {
  const there = world([]);
  const response = await post(await listen(agUi(served(there))), { ...input, ...fields });
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { error: { code: 'bad_request', message: expect.stringContaining(words) as string } },
  ]);
});

test('a run that the host has started is streamed with LF alone, and without a mark of its end', async () => {
  const there = world([{ text: 'Hi.' }]);
  const response = agUiResponse(there.agent.stream('Hi.'), { threadId: 't', runId: 'r' });
  const told = await all(blocks(response));
  expect(told.join('')).not.toMatch(/\r|\[DONE\]/);
  const events = told.map((block) => JSON.parse(block.slice('data: '.length)) as BaseEvent);
  expect(types(events)).toEqual([
    'RUN_STARTED',
    'STEP_STARTED',
    'TEXT_MESSAGE_START',
    'TEXT_MESSAGE_CONTENT',
    'TEXT_MESSAGE_END',
    'STEP_FINISHED',
    'RUN_FINISHED',
  ]);
});
