import { anyfast } from '@throughline/anyfast';
import type { AnyfastOptions } from '@throughline/anyfast';
import { Agent, ModelError, ThroughlineError, tool } from '@throughline/core';
import type { SchemaSource } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import type { Simulator } from '@throughline/simulator';
import * as z from 'zod';
import { z as z3 } from 'zod3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const model = (simulator: Simulator, options: AnyfastOptions = {}, name = 'kimi-k2.6') =>
  anyfast(name, { baseURL: simulator.url, apiKey: simulator.key, ...options });

const toolWith = (inputSchema: SchemaSource, name = 'add') =>
  tool({ name, description: 'Adds.', inputSchema, execute: () => 1 });

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ script: () => ({ text: 'Hello.' }) });
});
afterAll(() => simulator.close());

async function failureOf(work: () => unknown): Promise<ThroughlineError> {
  const failure = await Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(failure).toBeInstanceOf(ThroughlineError);
  return failure as ThroughlineError;
}

describe('what a caller can get wrong becomes a typed error that names it and says what to do', () => {
  it('no key against the real endpoint', async () => {
    vi.stubEnv('ANYFAST_API_KEY', undefined);
    vi.stubEnv('ANYFAST_BASE_URL', undefined);
    const failure = await failureOf(() => new Agent({ model: anyfast('kimi-k2.6') }).run('hi'));
    vi.unstubAllEnvs();
    expect(failure.code).toBe('missing_api_key');
    expect(failure.message).toMatch(/ANYFAST_API_KEY/);
  });

  it('a wrong key, which is not told', async () => {
    const apiKey = 'sk-this-is-a-wrong-key-1234567890';
    const failure = await failureOf(() =>
      new Agent({ model: model(simulator, { apiKey }) }).run('hi'),
    );
    expect(failure).toBeInstanceOf(ModelError);
    expect(failure).toMatchObject({ code: 'authentication', status: 401, retryable: false });
    expect(failure.message).not.toContain('1234567890');
    expect(JSON.stringify(failure)).not.toContain('1234567890');
  });

  it('an unknown model', async () => {
    const agent = new Agent({ model: model(simulator, {}, 'kimi-k9') });
    const failure = await failureOf(() => agent.run('hi'));
    expect(failure.code).toBe('model_not_found');
    expect(failure.message).toMatch(/kimi-k9/);
  });

  it('a host that cannot be reached', async () => {
    const options = { baseURL: 'http://127.0.0.1:9/v1', retry: { firstWaitMs: 1 } };
    const failure = await failureOf(() =>
      new Agent({ model: model(simulator, options) }).run('hi'),
    );
    expect(failure).toMatchObject({ code: 'connection', retryable: true });
    expect(failure.message).toMatch(/127\.0\.0\.1:9/);
  });

  it('two tools of one name', async () => {
    const tools = [toolWith(z.object({})), toolWith(z.object({}))];
    const failure = await failureOf(() => new Agent({ model: model(simulator), tools }));
    expect(failure.code).toBe('duplicate_tool');
    expect(failure.message).toMatch(/^Two tools are called "add"\./);
  });

  it.each<[string, SchemaSource]>([
    ['zod 4', z.string()],
    ['a union of zod 4', z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])],
    ['JSON Schema', { type: 'array', items: { type: 'string' } }],
  ])('a schema whose root is not an object: %s', async (_what, schema) => {
    const failure = await failureOf(() => toolWith(schema));
    expect(failure.code).toBe('invalid_schema');
    expect(failure.message).toMatch(/tool "add" must be an object at its root, not .*Wrap it/);
  });

  it('the same of zod 3, at the first run', async () => {
    const tools = [toolWith(z3.array(z3.string()))];
    const failure = await failureOf(() => new Agent({ model: model(simulator), tools }).run('hi'));
    expect(failure.code).toBe('invalid_schema');
    expect(failure.message).toMatch(/must be an object at its root/);
  });

  it('a zod 4 schema that would lose its parameters', async () => {
    const made = z.object({ a: z.string().describe('kept only by its own zod') });
    const { _zod: marks } = made;
    // What a zod 4.0 schema looks like: it cannot describe itself, and another zod would lose its descriptions.
    const old = Object.create(made, {
      '~standard': { value: { version: 1, vendor: 'zod', validate: made['~standard'].validate } },
      _zod: { value: { ...marks, version: { major: 4, minor: 0, patch: 17 } } },
    }) as SchemaSource;
    const agent = new Agent({ model: model(simulator), tools: [toolWith(old)] });
    const failure = await failureOf(() => agent.run('hi'));
    expect(failure.code).toBe('invalid_schema');
    expect(failure.message).toMatch(
      /tool "add" was made by zod 4\.0\.17, .* use zod 4\.2 or later/,
    );
    const date = await failureOf(() => toolWith(z.object({ day: z.date() })));
    expect(date.message).toMatch(/tool "add" cannot be described as JSON Schema: .*[Dd]ate/);
  });

  it.each([
    ['', /^The input is empty \(""\)/],
    ['  ', /empty/],
    [[], /empty/],
  ])('an empty input: %j', async (input, words) => {
    const failure = await failureOf(() => new Agent({ model: model(simulator) }).run(input));
    expect(failure.code).toBe('invalid_input');
    expect(failure.message).toMatch(words);
  });

  it('a history that no endpoint would take', async () => {
    const agent = new Agent({ model: model(simulator) });
    const call = { id: 'x:0', type: 'function' as const, function: { name: 'x', arguments: '{}' } };
    const history = [{ role: 'assistant' as const, tool_calls: [call] }];
    const failure = await failureOf(() => agent.run('hi', { history }));
    expect(failure.code).toBe('invalid_input');
    expect(failure.message).toMatch(/the call "x:0" has no result/);
  });
});
