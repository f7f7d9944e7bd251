import { Agent } from '@throughline/core';
import type { CallPending, Decision, Session } from '@throughline/core';
import { memorySessions, scriptedModel } from '@throughline/testing';
import { answerTo, lastPlan, plan, planOf, questionsOf } from '@throughline/toolkit-plan';
import type { Answer, PlanItem, Question } from '@throughline/toolkit-plan';
import { expect, test } from 'vitest';

const model = scriptedModel(({ messages }) => {
  const told = messages.at(-1)?.role === 'tool';
  const items = [{ title: 'Choose a colour', status: told ? 'done' : 'in_progress' }];
  const options = [{ label: 'Blue' }, { label: 'Red' }];
  const ask = { name: 'ask_user', arguments: { questions: [{ question: 'Which?', options }] } };
  const calls = [{ name: 'update_plan', arguments: { items } }, ...(told ? [] : [ask])];
  const done = messages.filter(({ role }) => role === 'tool').length > 2;
  return done ? { text: 'Chosen.' } : { calls };
});
const task = 'Paint the door.';
const shown: string[] = [];
const show = (items: readonly PlanItem[]) => shown.push(items.map(({ status }) => status).join());
const ask = async (questions: readonly Question[]): Promise<readonly Answer[]> =>
  questions.map(({ options }) => ({ chosen: [options[0]?.label ?? ''] }));
const mayRun = (): Decision => ({ refuse: 'not today' });

async function withAPerson() {
  // #region use
  const agent = new Agent({ model, tools: [plan()] });

  const run = agent.stream(task, {
    async decide(call) {
      const questions = questionsOf(call);
      return questions === undefined ? mayRun() : answerTo(call, await ask(questions));
    },
  });
  run.on('call.progress', (event) => {
    const items = planOf(event);
    if (items !== undefined) show(items);
  });
  // #endregion
  return run.result;
}

// #region later
/** To be called when the person has answered, be it days later and in another process. */
async function answered(
  agent: Agent,
  session: Session,
  answersTo: (call: CallPending) => readonly Answer[],
) {
  const decisions = session.pending.map((call) => {
    return { id: call.id, ...answerTo(call, answersTo(call)) };
  });
  await agent.resume(session, { decisions }).result;
  return lastPlan(session.log); // how the plan stands now
}
// #endregion

test('a person sees the plan and answers while the agent runs', async () => {
  const { text, calls } = await withAPerson();
  expect(text).toBe('Chosen.');
  expect(shown).toEqual(['in_progress', 'done']);
  expect(calls[1]?.output).toEqual({ answers: [{ question: 'Which?', chosen: ['Blue'] }] });
});

test('a person answers days later', async () => {
  const agent = new Agent({ model, tools: [plan()] });
  const session = await memorySessions().open('door');
  const { stopReason } = await agent.run(task, { session });
  expect(stopReason).toBe('suspended');
  expect(await answered(agent, session, () => [{ text: 'Green.' }])).toEqual([
    { title: 'Choose a colour', status: 'done' },
  ]);
});
