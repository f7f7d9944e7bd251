import { anyfast } from '@throughline/anyfast';
import { startSimulator } from '@throughline/simulator';
import { modelSuite } from '@throughline/testing';
import { describe, it } from 'vitest';

describe.each([{ stream: true }, { stream: false }])('anyfast, stream $stream', ({ stream }) => {
  for (const check of modelSuite) {
    it(check.name, () =>
      check.run(async (answers) => {
        const simulator = await startSimulator({
          script: answers.map(({ reasoning, text, calls }) => ({ reasoning, text, calls })),
        });
        const { url: baseURL, key: apiKey } = simulator;
        return {
          model: anyfast('kimi-k2.6', { baseURL, apiKey, stream }),
          close: () => simulator.close(),
        };
      }),
    );
  }
});
