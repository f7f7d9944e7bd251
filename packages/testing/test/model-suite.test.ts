import { Agent } from '@throughline/core';
import type { ModelPart } from '@throughline/core';
import { describe, expect, it } from 'vitest';
import { modelSuite, scriptedModel } from '../src/index.ts';

describe('the scripted model', () => {
  for (const check of modelSuite) {
    it(check.name, () => check.run(async (answers) => ({ model: scriptedModel(answers) })));
  }

  it('throws when it is asked more often than its script has answers', async () => {
    const agent = new Agent({ model: scriptedModel([{ text: 'one' }]) });
    await agent.run('first');
    await expect(agent.run('second')).rejects.toThrow('no answer for request number 2; it has 1');
  });

  it('can be a function of the request', async () => {
    const model = scriptedModel(({ messages }) => ({ text: `${messages.length}` }));
    expect((await new Agent({ model }).run('hi')).text).toBe('1');
  });

  it('throws what the script says, after what it said', async () => {
    const error = new Error('gone');
    const model = scriptedModel([{ text: 'half', error }]);
    await expect(new Agent({ model }).run('hi')).rejects.toBe(error);
  });
});

describe('the suite', () => {
  it('finds a model that loses a byte', async () => {
    const lossy = (parts: readonly ModelPart[]) =>
      parts.map((part) =>
        part.type === 'reasoning' ? { ...part, delta: part.delta.trim() } : part,
      );
    const outcomes = await Promise.allSettled(
      modelSuite.map((check) =>
        check.run(async (answers) => {
          const inner = scriptedModel(answers);
          return {
            model: {
              id: 'lossy',
              async *stream(request, signal) {
                for await (const batch of inner.stream(request, signal)) yield lossy(batch);
              },
            },
          };
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });
});
