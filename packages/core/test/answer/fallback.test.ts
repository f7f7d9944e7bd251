import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fallback, ModelError } from '../../src/index.ts';
import type { FallbackOptions, Model, Usage } from '../../src/index.ts';
import { fakeModel } from '../support/model.ts';
import { sleep } from '../support/tools.ts';

const usage: Usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, reasoningTokens: 0 };
const priced = (costUsd?: number): Model => ({ ...fakeModel(), costOf: () => costUsd });

describe('fallback()', () => {
  it.each([
    [[], {}, 'models is empty'],
    ['kimi-k2.6', {}, 'it must be a list'],
    [[fakeModel(), 'kimi-k2.6'], {}, 'models[1] is no model'],
    [[fakeModel(), null], {}, 'models[1] is no model'],
    [[fakeModel()], { awayMs: -1 }, 'awayMs is -1'],
    [[fakeModel()], { away: 1 }, 'has no option "away"'],
  ])('refuses %j with %j', (models, options, words) => {
    expect(() => fallback(models as readonly Model[], options as FallbackOptions)).toThrow(words);
  });

  it('estimates a cost on the safe side, and none where one price is unknown', () => {
    expect(fallback([priced(1), priced(3), priced(2)]).costOf?.(usage)).toBe(3);
    expect(fallback([priced(1), priced(undefined)]).costOf?.(usage)).toBeUndefined();
  });

  it('asks a model last no longer than awayMs though the system clock is set back', async () => {
    const down = new ModelError('overloaded', 'No room.');
    const asked: string[] = [];
    const named = (id: string, ...answers: readonly (ModelError | string)[]): Model => {
      let at = 0;
      return {
        id,
        async *stream() {
          asked.push(id);
          const answer = answers[at++];
          if (typeof answer !== 'string') throw answer;
          yield [
            { type: 'text', delta: answer },
            { type: 'finish', reason: 'stop' },
          ];
        },
      };
    };
    const model = fallback([named('a', down, 'A.'), named('b', 'B.', 'B.')], { awayMs: 20 });
    const request = { messages: [], tools: [], toolChoice: 'auto' } as const;
    const ask = async () => {
      for await (const _ of model.stream(request, new AbortController().signal));
    };
    await ask();
    await sleep(25);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 86_400_000 });
    onTestFinished(() => void vi.useRealTimers());
    await ask();
    expect(asked).toEqual(['a', 'b', 'a']);
  });

  it('passes on what is no failure of a model: a bug of the transport is not hidden', async () => {
    const bug = new TypeError('a bug');
    const model = fallback([fakeModel({ parts: [bug] }), fakeModel({ text: 'never' })]);
    const request = { messages: [], tools: [], toolChoice: 'auto' } as const;
    const parts = model.stream(request, new AbortController().signal);
    await expect(parts[Symbol.asyncIterator]().next()).rejects.toBe(bug);
  });
});
