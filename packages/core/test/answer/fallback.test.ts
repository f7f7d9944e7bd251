import { describe, expect, it } from 'vitest';
import { fallback } from '../../src/index.ts';
import type { FallbackOptions, Model, Usage } from '../../src/index.ts';
import { fakeModel } from '../support/model.ts';

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

  it('passes on what is no failure of a model: a bug of the transport is not hidden', async () => {
    const bug = new TypeError('a bug');
    const model = fallback([fakeModel({ parts: [bug] }), fakeModel({ text: 'never' })]);
    const request = { messages: [], tools: [], toolChoice: 'auto' } as const;
    const parts = model.stream(request, new AbortController().signal);
    await expect(parts[Symbol.asyncIterator]().next()).rejects.toBe(bug);
  });
});
