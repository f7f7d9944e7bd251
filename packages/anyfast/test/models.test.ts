import { expect, test } from 'vitest';
import { anyfast } from '../src/index.ts';
import { errorOf } from './support/ask.ts';
import { json, startEndpoint } from './support/endpoint.ts';

const apiKey = 'sk-test-0123456789';
const entry = {
  id: 'kimi-k2.6',
  object: 'model',
  created: 1626777600,
  owned_by: 'openai',
  supported_endpoint_types: ['openai'],
};

test('lists the models that the key may use', async () => {
  const endpoint = await startEndpoint(
    json('', 503),
    json({ data: [entry, { id: 'bare' }, { odd: 1 }] }),
  );
  const models = await anyfast.models({
    baseURL: endpoint.baseURL,
    apiKey,
    retry: { firstWaitMs: 1 },
  });
  expect(models).toEqual([
    { id: 'kimi-k2.6', ownedBy: 'openai', endpointTypes: ['openai'] },
    { id: 'bare', endpointTypes: [] },
  ]);
  expect(endpoint.seen[1]).toMatchObject({
    method: 'GET',
    url: '/v1/models',
    headers: { authorization: `Bearer ${apiKey}` },
  });
});

test('a refused key is a typed error', async () => {
  const endpoint = await startEndpoint(json({ error: { message: 'No token provided' } }, 401));
  const error = await errorOf(anyfast.models({ baseURL: endpoint.baseURL, apiKey }));
  expect(error).toMatchObject({ code: 'authentication' });
});

test('an error with status 200 is an error', async () => {
  const endpoint = await startEndpoint(
    json({ error: { message: 'Invalid token', type: 'authentication_error' } }),
  );
  const error = await errorOf(anyfast.models({ baseURL: endpoint.baseURL, apiKey }));
  expect(error).toMatchObject({ code: 'authentication' });
});

test('an abort settles at once', async () => {
  const endpoint = await startEndpoint(() => undefined);
  const reason = new Error('enough');
  const controller = new AbortController();
  const asked = errorOf(
    anyfast.models({ baseURL: endpoint.baseURL, apiKey, signal: controller.signal }),
  );
  setTimeout(() => controller.abort(reason), 30);
  expect(await asked).toBe(reason);
});
