import { setTimeout as pause } from 'node:timers/promises';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { Agent, ModelError, tool } from '@throughline/core';
import { otel } from '@throughline/otel';
import type { TraceLinks } from '@throughline/otel';
import { memorySessions, scriptedModel } from '@throughline/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { registerSdk, spanOf, treeOf } from './support/telemetry.ts';

const sdk = registerSdk();
afterAll(() => sdk.shutdown());

const usage = { inputTokens: 100, cachedTokens: 60, outputTokens: 20, reasoningTokens: 5 };
const nothing = { type: 'object', properties: {} } as const;
const mine = trace.getTracer('of a tool');
const plain = tool({
  name: 'plain',
  description: 'Does one thing.',
  inputSchema: nothing,
  effect: 'read',
  execute: () => {
    mine.startSpan('inside plain').end();
    return 'a secret result';
  },
});
const slow = tool({
  name: 'slow',
  description: 'Does it in pieces.',
  inputSchema: nothing,
  async *execute() {
    mine.startSpan('before the yield').end();
    yield 'half';
    await pause(2);
    mine.startSpan('after the yield').end();
    return 'whole';
  },
});
const broken = tool({
  name: 'broken',
  description: 'Fails.',
  inputSchema: nothing,
  execute: () => Promise.reject(new Error('a secret error')),
});
const dangerous = tool({
  name: 'dangerous',
  description: 'Needs a yes.',
  inputSchema: nothing,
  effect: 'destructive',
  execute: () => 'done',
});
const call = (name: string) => ({ name, arguments: {} });

describe('the spans of a run', () => {
  it('are a tree: the agent, in it its answers and calls, in a call what its tool traces, also after a yield', async () => {
    const model = scriptedModel([
      { calls: [call('plain'), call('slow')], usage },
      { text: 'ok', usage },
    ]);
    const agent = otel(new Agent({ name: 'clerk', model, tools: [plain, slow] }));
    const request = mine.startSpan('GET /');
    await context.with(trace.setSpan(context.active(), request), () => agent.run('go'));
    request.end();
    const [root] = treeOf(sdk.takeSpans());
    const inside = (root as { 'GET /': [{ 'invoke_agent clerk': unknown[] }] })['GET /'];
    expect(inside).toHaveLength(1);
    const all = inside[0]['invoke_agent clerk'];
    expect(all).toHaveLength(4);
    expect(all).toEqual(
      expect.arrayContaining([
        'chat scripted',
        { 'execute_tool plain': ['inside plain'] },
        { 'execute_tool slow': ['before the yield', 'after the yield'] },
      ]),
    );
  });

  it('have the attributes of the conventions and nothing that was said', async () => {
    const model = scriptedModel([
      { reasoning: 'a secret thought', calls: [call('plain'), call('broken')], usage },
      { text: 'a secret answer', usage },
    ]);
    const parameters = { max_completion_tokens: 99, temperature: 1, stop: 'END' };
    const conversation = () => 'session-7';
    const agent = otel(
      new Agent({
        name: 'clerk',
        model,
        tools: [plain, broken],
        parameters,
        instructions: 'secretly',
      }),
      { conversation, baseURL: 'https://www.anyfast.ai/v1' },
    );
    await agent.run('a secret question');
    const spans = sdk.takeSpans();
    const chat = spanOf(spans, 'chat scripted');
    expect(chat.kind).toBe(SpanKind.CLIENT);
    expect(chat.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'moonshot_ai',
      'server.address': 'www.anyfast.ai',
      'server.port': 443,
      'gen_ai.request.model': 'scripted',
      'gen_ai.request.stream': true,
      'gen_ai.request.max_tokens': 99,
      'gen_ai.request.temperature': 1,
      'gen_ai.request.stop_sequences': ['END'],
      'gen_ai.conversation.id': 'session-7',
      'session.id': 'session-7',
      'gen_ai.response.finish_reasons': ['tool_calls'],
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.cache_read.input_tokens': 60,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.reasoning.output_tokens': 5,
    });
    const run = spanOf(spans, 'invoke_agent clerk');
    expect(run.kind).toBe(SpanKind.INTERNAL);
    expect(run.attributes).toEqual({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'clerk',
      'gen_ai.conversation.id': 'session-7',
      'session.id': 'session-7',
      'gen_ai.usage.input_tokens': 200,
      'gen_ai.usage.output_tokens': 40,
      'gen_ai.usage.reasoning.output_tokens': 10,
      'throughline.run.id': expect.any(String),
      'throughline.stop_reason': 'answer',
    });
    const failed = spanOf(spans, 'execute_tool broken');
    expect(failed.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(failed.attributes).toEqual({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'broken',
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': 'broken:1',
      'gen_ai.tool.description': 'Fails.',
      'gen_ai.agent.name': 'clerk',
      'gen_ai.conversation.id': 'session-7',
      'session.id': 'session-7',
      'error.type': 'failed',
    });
    const told = spans.map(({ name, attributes, events, status }) => ({
      name,
      attributes,
      events,
      status,
    }));
    expect(JSON.stringify(told)).not.toContain('secret');
  });

  it('have what was said where that is asked for', async () => {
    const model = scriptedModel([
      { reasoning: 'hm', calls: [call('plain')], usage },
      { text: 'ok', usage },
    ]);
    const agent = otel(new Agent({ model, tools: [plain], instructions: 'Be short.' }), {
      content: true,
    });
    await agent.run('go');
    const spans = sdk.takeSpans();
    const chats = spans.filter(({ name }) => name === 'chat scripted');
    const json = (key: string) => JSON.parse(String(chats[1]?.attributes[key]));
    expect(json('gen_ai.system_instructions')).toEqual([{ type: 'text', content: 'Be short.' }]);
    expect(json('gen_ai.input.messages')).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'go' }] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'hm' },
          { type: 'tool_call', id: 'plain:0', name: 'plain', arguments: {} },
        ],
      },
      {
        role: 'tool',
        parts: [{ type: 'tool_call_response', id: 'plain:0', response: 'a secret result' }],
      },
    ]);
    expect(json('gen_ai.output.messages')).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'ok' }], finish_reason: 'stop' },
    ]);
    expect(json('gen_ai.tool.definitions')).toMatchObject([{ type: 'function', name: 'plain' }]);
    const { attributes } = spanOf(spans, 'execute_tool plain');
    expect(attributes['gen_ai.tool.call.arguments']).toBe('{}');
    expect(attributes['gen_ai.tool.call.result']).toBe('"a secret result"');
  });

  it('show an agent inside a call as a child of the call, once, also where both agents are told of', async () => {
    const inner = otel(
      new Agent({
        name: 'inner',
        model: scriptedModel([
          { calls: [call('plain')], usage },
          { text: 'found', usage },
        ]),
        tools: [plain],
      }),
    );
    const ask = inner.asTool({ name: 'ask', description: 'Asks the inner agent.' });
    const model = scriptedModel([
      { calls: [{ name: 'ask', arguments: { task: 'look' } }], usage },
      { text: 'ok', usage },
    ]);
    await otel(new Agent({ name: 'outer', model, tools: [ask] })).run('go');
    const spans = sdk.takeSpans();
    expect(treeOf(spans)).toEqual([
      {
        'invoke_agent outer': expect.arrayContaining([
          'chat scripted',
          {
            'execute_tool ask': [
              {
                'invoke_agent inner': expect.arrayContaining([
                  { 'execute_tool plain': ['inside plain'] },
                ]),
              },
            ],
          },
        ]),
      },
    ]);
    expect(spans).toHaveLength(9);
    expect(spanOf(spans, 'invoke_agent outer').attributes['gen_ai.usage.input_tokens']).toBe(400);
  });

  it('hold all attempts at an answer in one chat span', async () => {
    let asked = 0;
    const cut = new ModelError('connection', 'It broke.', { retryable: true });
    const model = scriptedModel(() =>
      asked++ === 0 ? { text: 'ha', error: cut } : { text: 'ok', usage },
    );
    await otel(new Agent({ model })).run('go');
    const spans = sdk.takeSpans();
    expect(treeOf(spans)).toEqual([{ 'invoke_agent agent': ['chat scripted'] }]);
    expect(spanOf(spans, 'chat scripted').events).toMatchObject([
      { name: 'throughline.step.retry', attributes: { 'throughline.attempt': 1 } },
    ]);
  });

  it('of a failed question and of its run are marked with the code, an abort as one', async () => {
    const quota = new ModelError('quota', 'a secret balance');
    const fails = otel(new Agent({ model: scriptedModel([{ error: quota }]) }));
    await expect(fails.run('go')).rejects.toThrow(quota);
    const failed = sdk.takeSpans();
    expect(
      failed.map(({ name, attributes, status }) => [name, attributes['error.type'], status]),
    ).toEqual([
      ['chat scripted', 'quota', { code: SpanStatusCode.ERROR }],
      ['invoke_agent agent', 'quota', { code: SpanStatusCode.ERROR }],
    ]);
    const hangs = otel(new Agent({ model: scriptedModel(() => new Promise(() => {})) }));
    await expect(hangs.run('go', { signal: AbortSignal.timeout(20) })).rejects.toThrow();
    const aborted = sdk.takeSpans();
    expect(aborted.map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
      ['chat scripted', 'aborted'],
      ['invoke_agent agent', 'aborted'],
    ]);
  });

  it('tell of a tool that ignores its time-out', async () => {
    const hangs = tool({
      name: 'hangs',
      description: 'Never ends.',
      inputSchema: nothing,
      timeoutMs: 5,
      execute: () => new Promise<string>(() => {}),
    });
    const model = scriptedModel([
      { calls: [call('hangs')], usage },
      { text: 'ok', usage },
    ]);
    await otel(new Agent({ model, tools: [hangs] })).run('go');
    expect(spanOf(sdk.takeSpans(), 'execute_tool hangs').attributes['error.type']).toBe('timeout');
  });

  it('of a resumed run tell only what was done in it', async () => {
    const model = scriptedModel([
      { calls: [call('plain'), call('dangerous')], usage },
      { text: 'ok', usage },
    ]);
    const store = memorySessions();
    const make = () => otel(new Agent({ name: 'clerk', model, tools: [plain, dangerous] }));
    const session = await store.open('s');
    await make().run('go', { session });
    const before = sdk.takeSpans();
    expect(before.map(({ name }) => name).toSorted()).toEqual([
      'chat scripted',
      'execute_tool plain',
      'inside plain',
      'invoke_agent clerk',
    ]);
    const waited = spanOf(before, 'invoke_agent clerk');
    expect(waited.attributes['throughline.stop_reason']).toBe('suspended');
    expect(waited.status.code).toBe(SpanStatusCode.UNSET);
    expect(waited.events.map(({ name }) => name)).toEqual(['throughline.call.pending']);

    const decisions = session.pending.map(({ id }) => ({ id, approve: true as const }));
    await make().resume(session, { decisions }).result;
    const after = sdk.takeSpans();
    expect(after.map(({ name }) => name).toSorted()).toEqual([
      'chat scripted',
      'execute_tool dangerous',
      'invoke_agent clerk',
    ]);
    const { attributes } = spanOf(after, 'invoke_agent clerk');
    expect(attributes['throughline.run.id']).toBe(waited.attributes['throughline.run.id']);
    expect(attributes['gen_ai.usage.input_tokens']).toBe(100);
  });

  it('of a resumed run link to the run that was left, also where another process kept it, and to nothing made up', async () => {
    const wait = () =>
      scriptedModel([
        { calls: [call('dangerous')], usage },
        { text: 'ok', usage },
      ]);
    const resumed = async (before: TraceLinks | undefined, after: TraceLinks | undefined) => {
      const model = wait();
      const make = (links: TraceLinks | undefined) =>
        otel(new Agent({ name: 'clerk', model, tools: [dangerous] }), { links });
      const session = await memorySessions().open('s');
      await make(before).run('go', { session });
      const left = spanOf(sdk.takeSpans(), 'invoke_agent clerk').spanContext();
      const decisions = session.pending.map(({ id }) => ({ id, approve: true as const }));
      await make(after).resume(session, { decisions }).result;
      const { links } = spanOf(sdk.takeSpans(), 'invoke_agent clerk');
      return {
        left,
        linked: links.map(({ context: { traceId, spanId } }) => ({ traceId, spanId })),
      };
    };
    const here = await resumed(undefined, undefined);
    expect(here.linked).toEqual([{ traceId: here.left.traceId, spanId: here.left.spanId }]);

    const kept = new Map<string, string>();
    const there = await resumed(methodsOf(kept), methodsOf(kept));
    expect(there.linked).toEqual([{ traceId: there.left.traceId, spanId: there.left.spanId }]);
    expect(kept.size).toBe(0); // the run has come to its end

    expect((await resumed(new Map(), new Map())).linked).toEqual([]);
    const broken = { get: () => '00-not-a-trace', set: () => {}, delete: () => {} };
    expect((await resumed(undefined, broken)).linked).toEqual([]);
    expect(() => otel(new Agent({ model: wait() }), { links: {} as TraceLinks })).toThrow(/links/);
  });

  it('have none for a call that was not started: the run tells of it', async () => {
    const model = scriptedModel([
      { calls: [call('dangerous'), call('unknown')], usage },
      { text: 'ok', usage },
    ]);
    const agent = otel(new Agent({ model, tools: [dangerous], approve: () => false }));
    await agent.run('go');
    const spans = sdk.takeSpans();
    expect(spans.map(({ name }) => name)).not.toContain('execute_tool dangerous');
    const told = spanOf(spans, 'invoke_agent agent').events.map(({ attributes }) => [
      attributes?.['gen_ai.tool.name'],
      attributes?.['throughline.outcome'],
    ]);
    expect(told.toSorted()).toEqual([
      ['dangerous', 'refused'],
      ['unknown', 'doubtful'],
    ]);
  });

  it('are told once where an agent is given twice', async () => {
    const agent = new Agent({ model: scriptedModel([{ text: 'ok', usage }]) });
    await otel(otel(agent)).run('go');
    expect(sdk.takeSpans()).toHaveLength(2);
  });
});

function methodsOf(kept: Map<string, string>): TraceLinks {
  return {
    get: (id) => kept.get(id),
    set: (id, told) => kept.set(id, told),
    delete: (id) => kept.delete(id),
  };
}
