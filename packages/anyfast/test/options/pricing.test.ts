import { expect, test } from 'vitest';
import { costUsd, priceList } from '../../src/index.ts';
import { ask, modelAt } from '../support/ask.ts';
import { json, startEndpoint } from '../support/endpoint.ts';

const usage = { prompt_tokens: 1000, completion_tokens: 100, cached_tokens: 600 };

async function asked(
  prices?: { inputUsd: number; cachedUsd: number; outputUsd: number } | null,
): Promise<unknown> {
  const endpoint = await startEndpoint(
    json({ choices: [{ message: { content: 'Yes.' } }], usage }),
  );
  return (await ask(modelAt(endpoint.baseURL, { prices }))).usage?.costUsd;
}

test('an answer costs what the price list says, its cached tokens less', async () => {
  expect(await asked()).toBeCloseTo((400 * 0.95 + 600 * 0.16 + 100 * 4) / 1e6, 12);
});

test('other prices may be given, or none', async () => {
  expect(await asked({ inputUsd: 1, cachedUsd: 0, outputUsd: 10 })).toBeCloseTo(0.0014, 12);
  expect(await asked(null)).toBeUndefined();
});

test('the price list has a date and a source', () => {
  expect(priceList.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(priceList.source).toMatch(/^https:/);
  const tokens = { inputTokens: 1e6, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 };
  expect(costUsd(tokens, priceList.models['kimi-k2.6']!)).toBe(0.95);
});
