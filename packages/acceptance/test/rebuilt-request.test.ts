import { anyfast } from '@throughline/anyfast';
import { Agent, compact, requestOf, tool } from '@throughline/core';
import type { RecordedEvent, Session, SessionLine } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { memorySessions } from '@throughline/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';

const look = tool({
  name: 'look',
  description: 'Looks at a place.',
  inputSchema: z.object({ at: z.string().describe('Where.') }),
  effect: 'read',
  execute: ({ at }) => `Nothing at ${at}. ${'x'.repeat(200)}`,
});
const pay = tool({
  name: 'pay',
  description: 'Pays.',
  inputSchema: z.object({ eur: z.number() }),
  effect: 'destructive',
  execute: ({ eur }) => `Paid ${eur}.`,
});

/** Looks twice, then answers; pays first where it is asked to. */
function script({ messages, tools }: ChatRequest): ScriptedAnswer {
  const asked = messages.findLastIndex(({ role }) => role === 'user');
  const since = messages.slice(asked).filter(({ role }) => role === 'tool').length;
  const question = String(messages[asked]?.content);
  const names = (tools ?? []).map((one) => one.function?.name);
  const name = question.startsWith('Pay') ? 'pay' : question.startsWith('Ask') ? 'expert' : 'look';
  if (since >= 2 || !names.includes(name)) return { reasoning: 'Done. 🤔', text: 'That is all.' };
  const input = { look: { at: `place ${since}` }, pay: { eur: 5 }, expert: { task: 'Look.' } }[
    name
  ];
  return { reasoning: `Step ${since}.`, calls: [{ name, arguments: input ?? {} }] };
}

async function world() {
  const simulator = await startSimulator({ script, strictness: 'moonshot' });
  onTestFinished(() => simulator.close());
  const options = {
    baseURL: simulator.url,
    apiKey: simulator.key,
    maxCompletionTokens: 4_000,
  } as const;
  const model = anyfast('kimi-k2.6', options);
  const session = await memorySessions().open('s');
  onTestFinished(() => session.close());
  return { simulator, options, model, session };
}

async function linesOf(session: Session): Promise<readonly SessionLine[]> {
  const lines: SessionLine[] = [];
  for await (const batch of session.log.read()) lines.push(...batch);
  return lines;
}

/** Every answer of the log, rebuilt, against all that was sent. */
async function expectAllRebuilt(
  { simulator, options }: Awaited<ReturnType<typeof world>>,
  events: readonly RecordedEvent[],
  leftOut = 0,
) {
  const answers = events.filter((event) => event.type === 'answer');
  const rebuilt = await Promise.all(
    answers.map(async (at) => {
      const { model, request } = requestOf(events, at);
      return Buffer.from(await anyfast.body(model, request, options)).toString();
    }),
  );
  const sent = simulator.requests.map(({ bodyText }) => bodyText);
  expect(rebuilt.length).toBe(sent.length - leftOut);
  for (const body of rebuilt) expect(sent).toContain(body);
  return rebuilt;
}

describe('the request of every step is rebuilt from the log, byte for byte', () => {
  it('over runs of one session, with steering and a changed agent', async () => {
    const about = await world();
    const { model, session } = about;
    const agent = new Agent({ model, tools: [look], instructions: 'Be brief.' });
    await agent.run('Look around.', { session });
    const run = agent.stream('Look again.', { session });
    run.on('call.end', ({ step }) => {
      if (step === 1) run.steer('And mind the gap.');
    });
    await run.result;
    const other = new Agent({
      model,
      tools: [look, pay],
      instructions: 'Be long.',
      parameters: { temperature: 1 },
    });
    await other.run('Look once more.', { session });
    const lines = await linesOf(session);
    const events = lines.map(({ event }) => event);
    const rebuilt = await expectAllRebuilt(about, events);
    expect(rebuilt.length).toBeGreaterThan(7);
    // It is recorded once, and again only where it has changed.
    const changes = events.flatMap((event) => (event.type === 'answer' ? [event.request] : []));
    expect(changes.filter((change) => change !== undefined)).toEqual([
      {
        model: 'kimi-k2.6',
        instructions: 'Be brief.',
        tools: [expect.objectContaining({ name: 'look' })],
        toolChoice: 'auto',
      },
      {
        instructions: 'Be long.',
        tools: [expect.anything(), expect.objectContaining({ name: 'pay' })],
        parameters: { temperature: 1 },
      },
    ]);
  });

  it('after a suspension that another agent object resumes', async () => {
    const about = await world();
    const { model, session } = about;
    const fresh = () => new Agent({ model, tools: [pay] });
    const { pending } = await fresh().run('Pay 5.', { session });
    const decisions = pending.map(({ id }) => ({ id, approve: true as const }));
    const again = await fresh().resume(session, { decisions }).result;
    const more = again.pending.map(({ id }) => ({ id, refuse: 'Too much.' }));
    await fresh().resume(session, { decisions: more }).result;
    const events = (await linesOf(session)).map(({ event }) => event);
    await expectAllRebuilt(about, events);
    const changes = events.filter((event) => event.type === 'answer' && event.request);
    expect(changes).toHaveLength(1);
  });

  it('with an agent inside a call, which is a conversation of its own', async () => {
    const about = await world();
    const { model, session } = about;
    const inner = new Agent({ model, tools: [look], instructions: 'You are the expert.' });
    const expert = inner.asTool({ name: 'expert', description: 'Knows places.' });
    await new Agent({ model, tools: [expert] }).run('Ask the expert.', { session });
    const events = (await linesOf(session)).map(({ event }) => event);
    const runs = new Set(events.map(({ runId }) => runId));
    expect(runs.size).toBe(3);
    await expectAllRebuilt(about, events);
  });

  it('with a history that was made shorter', async () => {
    const about = await world();
    const { model, session } = about;
    const compaction = { atTokens: 250, shorten: compact.dropToolResults({ keep: 1 }) };
    const agent = new Agent({ model, tools: [look], compaction });
    for (const question of ['Look here.', 'Look there.', 'Look up.']) {
      await agent.run(question, { session });
    }
    const events = (await linesOf(session)).map(({ event }) => event);
    expect(events.some(({ type }) => type === 'history.compacted')).toBe(true);
    await expectAllRebuilt(about, events);
  });

  it('with what prepareStep chose for a step', async () => {
    const about = await world();
    const { model, session } = about;
    const agent = new Agent({
      model,
      tools: [look, pay],
      prepareStep: ({ step, messages }) => {
        if (step === 2) return { messages: [...messages, { role: 'user', content: 'Hurry.' }] };
        return step === 1 ? { tools: ['look'], thinking: false } : undefined;
      },
    });
    await agent.run('Look around.', { session });
    const events = (await linesOf(session)).map(({ event }) => event);
    await expectAllRebuilt(about, events);
    const [, second] = events.filter((event) => event.type === 'answer');
    expect(second?.request?.messages).toEqual([0, 1, 2, { role: 'user', content: 'Hurry.' }]);
  });

  it('tells what the endpoint called the answer, and the model that gave it', async () => {
    const { model } = await world();
    const run = new Agent({ model }).stream('Hello');
    for await (const event of run) {
      if (event.type !== 'answer') continue;
      expect(event.response).toEqual({ id: expect.stringMatching(/.+/), model: 'kimi-k2.6' });
    }
    expect.assertions(1);
  });

  it('says of a step that is not there, and of a log of an older release, that it cannot', async () => {
    const { model, session } = await world();
    const { messages } = await new Agent({ model, tools: [look] }).run('Look.', { session });
    expect(messages.length).toBeGreaterThan(3);
    const events = (await linesOf(session)).map(({ event }) => event);
    const { runId } = events[0] ?? { runId: '' };
    expect(() => requestOf(events, { runId, step: 9 })).toThrow(
      expect.objectContaining({ code: 'not_recorded' }) as Error,
    );
    const old = events.map((event) => {
      if (event.type !== 'answer') return event;
      const { request: _, ...rest } = event;
      return rest;
    });
    expect(() => requestOf(old, { runId, step: 1 })).toThrow(
      /did not record how the model was asked/,
    );
  });
});
