import { Agent, prefix } from '@throughline/core';
import type { CallPending, Decision, RunEvent } from '@throughline/core';
import { memorySessions, scriptedModel } from '@throughline/testing';
import { describe, expect, it } from 'vitest';
import { answerTo, plan, questionsOf } from '../src/index.ts';

const questions = [
  { question: 'Which way to round?', options: [{ label: 'Up' }, { label: 'Down' }] },
  {
    question: 'Which files?',
    multiple: true,
    options: [{ label: 'a.ts' }, { label: 'b.ts', description: 'the larger one' }],
  },
];
const asking = (asked: unknown = questions, name = 'ask_user') => ({
  name,
  arguments: { questions: asked },
});
const answers = [{ chosen: ['Up'] }, { chosen: ['a.ts', 'b.ts'], text: ' and c.ts ' }];
const read = JSON.stringify({
  answers: [
    { question: 'Which way to round?', chosen: ['Up'] },
    { question: 'Which files?', chosen: ['a.ts', 'b.ts'], text: 'and c.ts' },
  ],
});

function agentThatAsks(call = asking(), kit = plan()): Agent {
  // Asked after the answer: a second process makes the agent anew, so the script goes by what was said.
  const model = scriptedModel(({ messages }) =>
    messages.at(-1)?.role === 'tool' ? { text: 'Thanks.' } : { reasoning: 'Which?', calls: [call] },
  );
  return new Agent({ model, tools: [kit] });
}

const waiting = (name: string, asked: unknown): CallPending => ({
  type: 'call.pending',
  runId: 'r',
  step: 1,
  call: 1,
  callId: 'c',
  name,
  effect: 'read',
  arguments: JSON.stringify({ questions: asked }),
  id: 'i',
});

describe('ask_user', () => {
  it('is answered live by decide', async () => {
    const { calls, stopReason } = await agentThatAsks().run('Go.', {
      decide: (call) => answerTo(call, answers),
    });
    expect(stopReason).toBe('answer');
    expect(calls).toMatchObject([{ outcome: 'ok', content: read, output: JSON.parse(read) }]);
  });

  it('is answered live by a listener', async () => {
    const run = agentThatAsks().stream('Go.');
    run.on('call.pending', (call) => run.decide(call.id, answerTo(call, answers)));
    expect((await run.result).calls[0]?.content).toBe(read);
  });

  it('is answered after it was stored as JSON', async () => {
    const result = await agentThatAsks().run('Go.');
    expect(result.stopReason).toBe('suspended');
    const stored = JSON.stringify(result.suspended);
    const decisions = result.pending.map((call) => ({ id: call.id, ...answerTo(call, answers) }));
    const resumed = await agentThatAsks().resume(JSON.parse(stored), { decisions }).result;
    expect(resumed.text).toBe('Thanks.');
    expect(resumed.calls[0]?.content).toBe(read);
  });

  it('is answered in a session, by another agent of the same make', async () => {
    const sessions = memorySessions();
    const before = await sessions.open('chat');
    await agentThatAsks().run('Go.', { session: before });
    await before.close();
    const session = await sessions.open('chat');
    expect(session.pending.map(questionsOf)).toEqual([
      [{ ...questions[0], multiple: false }, questions[1]],
    ]);
    const decisions = session.pending.map((call) => ({ id: call.id, ...answerTo(call, answers) }));
    const { text, calls } = await agentThatAsks().resume(session, { decisions }).result;
    expect(text).toBe('Thanks.');
    expect(calls[0]?.content).toBe(read);
  });

  it('tells the model in words that a yes without an answer is no answer', async () => {
    for (const options of [
      { decide: () => ({ approve: true }) as const },
      { approve: () => true },
    ]) {
      const { calls } = await agentThatAsks().run('Go.', options);
      expect(calls[0]?.content).toContain('There is no answer');
    }
  });

  it('tells the model why a person will not answer', async () => {
    const { calls } = await agentThatAsks().run('Go.', {
      decide: () => ({ refuse: 'Ask me tomorrow.' }),
    });
    expect(calls[0]).toMatchObject({
      outcome: 'refused',
      content: 'This call was not approved: Ask me tomorrow.',
    });
  });

  it('never reaches a person out of an answer that broke off', async () => {
    const model = scriptedModel([
      { calls: [asking(), asking()], error: new Error('the line is cut') },
    ]);
    const run = new Agent({ model, tools: [plan()] }).stream('Go.');
    const types: RunEvent['type'][] = [];
    await expect(
      (async () => {
        for await (const { type } of run) types.push(type);
      })(),
    ).rejects.toThrow('the line is cut');
    expect(types).toContain('call.delta');
    expect(types).not.toContain('call.pending');
    expect(types).not.toContain('call.start');
  });

  it('ends with the run’s abort while it waits', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const run = agentThatAsks().stream('Go.', { signal: controller.signal });
    run.on('call.pending', () => controller.abort(reason));
    await expect(run.result).rejects.toBe(reason);
  });

  it.each([
    ['no question', []],
    [
      'five questions',
      Array.from({ length: 5 }, (_, at) => ({ ...questions[0], question: `${at}` })),
    ],
    ['one option', [{ question: 'A?', options: [{ label: 'A' }] }]],
    ['five options', [{ question: 'A?', options: [...'abcde'].map((label) => ({ label })) }]],
    ['one question twice', [questions[0], { ...questions[0], question: 'which way to ROUND?' }]],
    ['one option twice', [{ question: 'A?', options: [{ label: 'A' }, { label: 'a ' }] }]],
    ['a terminal sequence', [{ ...questions[0], question: '\u001b]0;x\u0007?' }]],
    ['a label on two lines', [{ question: 'A?', options: [{ label: 'A\nB' }, { label: 'C' }] }]],
    ['an endless question', [{ ...questions[0], question: '?'.repeat(501) }]],
  ])('does not put %s to a person', async (_what, asked) => {
    const run = agentThatAsks(asking(asked)).stream('Go.');
    let pending = 0;
    run.on('call.pending', ({ id }) => {
      pending++;
      run.decide(id, { refuse: 'This must not be asked.' });
    });
    const { calls } = await run.result;
    expect(calls[0]?.outcome).toBe('doubtful');
    expect(calls[0]?.content).toContain('questions');
    expect(pending).toBe(0);
  });

  it('keeps the lines of a question', async () => {
    const asked = [{ ...questions[0], question: 'Two ways:\n- up\n- down\nWhich?' }];
    const { pending } = await agentThatAsks(asking(asked)).run('Go.');
    expect(pending.map(questionsOf)).toMatchObject([asked]);
  });

  it('is read and answered under the name a prefix gave it', async () => {
    const agent = agentThatAsks(asking(questions, 'my_ask_user'), prefix('my', plan()));
    const { calls } = await agent.run('Go.', { decide: (call) => answerTo(call, answers) });
    expect(calls[0]?.content).toBe(read);
  });

  it('is answered once: the second answer to one question is refused', async () => {
    const run = agentThatAsks().stream('Go.');
    let again: unknown;
    run.on('call.pending', (call) => {
      const decision: Decision = answerTo(call, answers);
      run.decide(call.id, decision);
      try {
        run.decide(call.id, decision);
      } catch (error) {
        again = error;
      }
    });
    await run.result;
    expect(again).toMatchObject({ code: 'not_pending' });
  });
});

describe('questionsOf', () => {
  it('finds no questions in a call of another tool, nor in arguments of another shape', () => {
    expect(questionsOf(waiting('run_command', questions))).toBeUndefined();
    expect(questionsOf(waiting('ask_user', 'What?'))).toBeUndefined();
    expect(questionsOf({ name: 'ask_user', arguments: '{"questions":[' })).toBeUndefined();
  });
});

describe('answerTo', () => {
  const call = waiting('ask_user', questions);
  const [one = {}, two = {}] = answers;

  it('takes words alone, and an option with words', () => {
    expect(answerTo(call, [{ text: 'To even.' }, { chosen: ['a.ts'], text: 'first' }])).toEqual({
      result: {
        answers: [
          { question: 'Which way to round?', text: 'To even.' },
          { question: 'Which files?', chosen: ['a.ts'], text: 'first' },
        ],
      },
    });
  });

  it.each<[string, unknown, string]>([
    ['too few answers', [one], 'the questions are 2, the answers 1'],
    ['too many answers', [one, two, one], 'the questions are 2, the answers 3'],
    ['no list', 'Up', 'have no such shape'],
    ['a bare label', ['Up', 'a.ts'], 'have no such shape'],
    ['a misspelt key', [{ choosen: ['Up'] }, two], 'choosen'],
    ['an option of another question', [{ chosen: ['a.ts'] }, two], 'its options are "Up", "Down"'],
    ['several where one may be chosen', [{ chosen: ['Up', 'Down'] }, two], 'several options'],
    ['an option twice', [one, { chosen: ['a.ts', 'a.ts'] }], 'an option twice'],
    ['nothing', [{}, two], 'neither chooses an option nor has a text'],
    ['white space', [{ text: ' \n' }, two], 'neither chooses an option nor has a text'],
    ['a book', [{ text: 'x'.repeat(40_000) }, two], 'the model reads at most 40000'],
  ])('refuses %s in words', (_what, given, words) => {
    expect(() => answerTo(call, given as typeof answers)).toThrow(
      expect.objectContaining({
        code: 'invalid_decision',
        message: expect.stringContaining(words) as string,
      }),
    );
  });

  it('refuses a call that asks nothing', () => {
    expect(() => answerTo(waiting('run_command', []), [])).toThrow(
      'answerTo(): the call of "run_command" asks no questions.',
    );
  });
});
