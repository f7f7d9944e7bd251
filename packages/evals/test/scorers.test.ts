import { Agent, tool } from '@throughline/core';
import type { Approval, Message, RunEvent, RunResult } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import type { ModelScript } from '@throughline/testing';
import {
  cachedShare,
  calledTool,
  callOrder,
  cost,
  noDoubts,
  reasoningKept,
  steps,
} from '@throughline/evals';
import { describe, expect, it } from 'vitest';
import type { EventScorer, Scored } from '@throughline/evals';

const named = (name: string, approve: () => Approval = () => true) =>
  tool({
    name,
    description: name,
    inputSchema: {
      type: 'object',
      properties: { n: { type: 'number' } },
      additionalProperties: false,
    },
    approve,
    execute: () => 'done',
  });

/** What the scorers see of a run of this script. */
async function scoredRun(script: ModelScript): Promise<Scored> {
  const tools = [named('look'), named('book'), named('barred', () => ({ refuse: 'Not today.' }))];
  const run = new Agent({ model: scriptedModel(script), tools }).stream('Go.');
  const events: RunEvent[] = [];
  for await (const event of run) events.push(event);
  return { input: 'Go.', output: '', expected: undefined, events, result: await run.result };
}

function scoreOf(scorer: EventScorer, scored: Scored): number | null {
  const said = scorer(scored);
  return typeof said === 'object' && said !== null ? said.score : said;
}

const call = (name: string, input: unknown = {}) => ({ name, arguments: input });
const usage = {
  inputTokens: 100,
  cachedTokens: 25,
  outputTokens: 10,
  reasoningTokens: 0,
  costUsd: 0.02,
};

describe('calledTool and callOrder', () => {
  it('see the calls that ran, with their arguments, in the order of the model', async () => {
    const scored = await scoredRun([
      { calls: [call('look', { n: 1 }), call('look', { n: 2 })] },
      { calls: [call('barred'), call('book')] },
      { text: 'Done.' },
    ]);
    const scores = [
      calledTool('look'),
      calledTool('look', { times: 2 }),
      calledTool('look', { times: 1 }),
      calledTool('look', { times: 1, where: (input) => (input as { n: number }).n === 2 }),
      calledTool('barred'),
      calledTool('barred', { times: 0 }),
      callOrder('look', 'look', 'book'),
      callOrder('book', 'look'),
      callOrder('look', 'barred', 'book'),
    ].map((scorer) => scoreOf(scorer, scored));
    expect(scores).toEqual([1, 1, 0, 1, 0, 1, 1, 0.5, 1 / 3]);
  });

  it('refuse a number of times that is none', () => {
    expect(() => calledTool('look', { times: -1 })).toThrow('times is -1');
  });
});

describe('noDoubts', () => {
  it('is the share of calls that could run', async () => {
    const scored = await scoredRun([
      { calls: [call('look', { n: 'x' }), call('look', { n: 1 }), call('nowhere'), call('book')] },
      { text: 'Done.' },
    ]);
    expect(scoreOf(noDoubts(), scored)).toBe(0.5);
  });

  it('judges nothing where there was no call', async () => {
    expect(scoreOf(noDoubts(), await scoredRun([{ text: 'Done.' }]))).toBeNull();
  });
});

describe('steps, cost and cachedShare', () => {
  it('are 1 within the limit, and less the farther beyond it', async () => {
    const scored = await scoredRun([
      { calls: [call('look')], usage },
      { calls: [call('look')], usage },
      { calls: [call('look')], usage },
      { text: 'Done.', usage },
    ]);
    expect(scoreOf(steps({ most: 4 }), scored)).toBe(1);
    expect(scoreOf(steps({ most: 2 }), scored)).toBe(0.5);
    expect(scoreOf(cost({ mostUsd: 0.08 }), scored)).toBe(1);
    expect(scoreOf(cost({ mostUsd: 0.04 }), scored)).toBeCloseTo(0.5);
    expect(scoreOf(cachedShare(), scored)).toBe(0.25);
    expect(scoreOf(cachedShare({ least: 0.2 }), scored)).toBe(1);
    expect(scoreOf(cachedShare({ least: 0.5 }), scored)).toBe(0.5);
  });

  it('throw where nothing is known: unknown is not 0', async () => {
    const { costUsd: _, ...unpriced } = usage;
    const scored = await scoredRun([{ text: 'Done.', usage: unpriced }]);
    expect(() => cost({ mostUsd: 1 })(scored)).toThrow('The cost is not known');
    expect(() => cachedShare()({ ...scored, events: [] })).toThrow('No token was counted');
    expect(() => steps({ most: 0 })).toThrow('steps(): most is 0');
    expect(() => cost({ mostUsd: NaN })).toThrow('cost(): mostUsd is');
  });
});

describe('reasoningKept', () => {
  const script: ModelScript = [
    { reasoning: 'First,  e\u0301 \n', calls: [call('look')] },
    { reasoning: 'Then.', text: 'Done.' },
  ];

  it('is 1 where each thought stands in the conversation byte for byte', async () => {
    expect(scoreOf(reasoningKept(), await scoredRun(script))).toBe(1);
  });

  it('falls where one is missing there, or is another', async () => {
    const scored = await scoredRun(script);
    const changed = (change: (thought: string) => string | undefined) => {
      const messages = scored.result!.messages.map((message) => {
        if (message.role !== 'assistant') return message;
        const { reasoning_content: thought = '', ...rest } = message;
        return thought === 'Then.'
          ? message
          : ({ ...rest, reasoning_content: change(thought ?? '') } as Message);
      });
      return { ...scored, result: { ...scored.result, messages } as RunResult };
    };
    expect(
      scoreOf(
        reasoningKept(),
        changed((thought) => thought.normalize('NFC')),
      ),
    ).toBe(0.5);
    expect(
      scoreOf(
        reasoningKept(),
        changed((thought) => thought.trim()),
      ),
    ).toBe(0.5);
    expect(
      scoreOf(
        reasoningKept(),
        changed(() => undefined),
      ),
    ).toBe(0.5);
  });

  it('judges nothing where the model did not think', async () => {
    expect(scoreOf(reasoningKept(), await scoredRun([{ text: 'Done.' }]))).toBeNull();
  });
});
