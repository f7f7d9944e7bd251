import { inspect } from 'node:util';
import { ModelError } from '@throughline/core';
import { expect, test, vi } from 'vitest';
import { refusedError } from '../../src/error/model-error.ts';
import { anyfast } from '../../src/index.ts';
import { ask, errorOf, modelAt } from '../support/ask.ts';
import { frames, json, startEndpoint, startSocket, stream } from '../support/endpoint.ts';
import { redactor } from '../../src/options/redact.ts';

const to = {
  model: 'kimi-k2.6',
  baseURL: 'https://www.anyfast.ai/v1',
  hasKey: true,
  secrets: ['sk-secret-key-1234'],
  redact: redactor('sk-secret-key-1234'),
};
const moonshot = (type: string, message: string): unknown => ({ error: { message, type } });
const gateway = (message: string, code = ''): unknown => ({
  error: { message: `${message} (request id: 20260822)`, type: 'new_api_error', param: '', code },
});

test.each<[status: number, body: unknown, code: string, retryable: boolean]>([
  // Moonshot's own
  [
    400,
    moonshot('content_filter', 'The request was rejected because it was considered high risk'),
    'content_filter',
    false,
  ],
  [
    400,
    moonshot('invalid_request_error', 'Invalid request: messages must not be empty'),
    'invalid_request',
    false,
  ],
  [
    400,
    moonshot('invalid_request_error', 'Input token length too long'),
    'context_overflow',
    false,
  ],
  [
    400,
    moonshot(
      'invalid_request_error',
      'Invalid request: Your request exceeded model token limit: 262144 (requested: 274613)',
    ),
    'context_overflow',
    false,
  ],
  [
    401,
    moonshot('invalid_authentication_error', 'Invalid Authentication'),
    'authentication',
    false,
  ],
  [
    403,
    moonshot('permission_denied_error', 'The API you are accessing is not open'),
    'permission',
    false,
  ],
  [
    404,
    moonshot('resource_not_found_error', 'Not found the model kimi-x or Permission denied'),
    'model_not_found',
    false,
  ],
  [413, {}, 'request_too_large', false],
  [
    429,
    moonshot(
      'engine_overloaded_error',
      'The engine is currently overloaded, please try again later',
    ),
    'overloaded',
    true,
  ],
  [
    429,
    moonshot(
      'exceeded_current_quota_error',
      'You exceeded your current token quota: <org-1> 31275, please check your account balance',
    ),
    'quota',
    false,
  ],
  [
    429,
    moonshot(
      'rate_limit_reached_error',
      'request reached organization max RPM: 3, please try again after 1 seconds',
    ),
    'rate_limit',
    true,
  ],
  [
    429,
    moonshot(
      'rate_limit_reached_error',
      'request reached organization max TPD: 3, please try again after 9 seconds',
    ),
    'rate_limit',
    false,
  ],
  [500, moonshot('unexpected_output', 'invalid state transition'), 'server', true],
  [503, moonshot('server_unavailable', 'x'), 'overloaded', true],
  [504, '<html><head><title>504 Gateway Time-out</title></head></html>', 'timeout', true],
  [529, '', 'overloaded', true],
  [408, '', 'timeout', true],
  [409, '', 'server', true],
  [422, '', 'invalid_request', false],
  // the gateway's
  [401, { error: { message: 'No token provided' } }, 'authentication', false],
  [
    401,
    gateway('This token quota is exhausted TokenStatusExhausted[sk-abc***xyz]'),
    'quota',
    false,
  ],
  [403, gateway('This token has no access to model kimi-k2.6'), 'permission', false],
  [403, gateway('user quota is not enough', 'insufficient_user_quota'), 'quota', false],
  [
    503,
    gateway(
      'No available channel for model kimi-k2.6 under group default (distributor)',
      'model_not_found',
    ),
    'model_not_found',
    false,
  ],
  [503, gateway('当前分组 default 下对于模型 kimi-k2.6 无可用渠道'), 'model_not_found', false],
  [
    429,
    gateway('You have reached the request limit: maximum 3 requests in 5 minutes'),
    'rate_limit',
    true,
  ],
  [429, gateway('当前分组上游负载已饱和，请稍后再试'), 'overloaded', true],
  [404, gateway('Invalid URL (POST /v1/xxx)'), 'invalid_request', false],
  [501, gateway('API not implemented', 'api_not_implemented'), 'invalid_request', false],
  [500, gateway('x', 'convert_request_failed'), 'invalid_request', false],
  [500, gateway('x', 'invalid_request'), 'invalid_request', false],
  [500, gateway('x', 'do_request_failed'), 'server', true],
  [500, gateway('x', 'sensitive_words_detected'), 'content_filter', false],
  // other shapes
  [
    400,
    {
      error: { type: 'invalid_request_error', message: 'maximum context length is 10' },
      type: 'error',
    },
    'context_overflow',
    false,
  ],
  [400, { error: { type: '<nil>', message: 'x' }, type: 'error' }, 'invalid_request', false],
  [
    400,
    { type: 'error', error: { error: { message: 'prompt is too long: 9 > 5 maximum' } } },
    'context_overflow',
    false,
  ],
  [400, { code: 20015, message: 'The parameter is invalid', data: null }, 'invalid_request', false],
  [500, { error: 'it broke' }, 'server', true],
  [200, { error: { message: 'x', code: 429 } }, 'rate_limit', true],
])('status %i with %j is %s, retryable: %s', (status, body, code, retryable) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const error = refusedError({ status, body: text, headers: new Headers() }, to);
  expect(error).toMatchObject({ code, retryable });
  expect(error.message).not.toMatch(/request id|sk-/);
});

test.each<[header: string | undefined, text: string, ms: number | undefined]>([
  ['2', '', 2000],
  ['1.5', '', 1500],
  [undefined, 'please try again after 3 seconds', 3000],
  [undefined, 'retry in 250 ms', 250],
  [undefined, 'maximum 3 requests in 5 minutes', undefined],
  [undefined, 'later', undefined],
])('the wait in Retry-After %j and the words %j is %j ms', (header, message, ms) => {
  const headers = new Headers(header === undefined ? {} : { 'retry-after': header });
  const body = JSON.stringify({ error: { message } });
  expect(refusedError({ status: 429, body, headers }, to).retryAfterMs).toBe(ms);
});

test('the wait may be a date', () => {
  const headers = new Headers({ 'retry-after': new Date(Date.now() + 5000).toUTCString() });
  const { retryAfterMs } = refusedError({ status: 503, body: '', headers }, to);
  expect(retryAfterMs).toBeGreaterThan(3000);
  expect(retryAfterMs).toBeLessThanOrEqual(5000);
});

test('the request id comes from the body or a header', () => {
  const body = JSON.stringify(gateway('x'));
  const headers = new Headers({ 'x-oneapi-request-id': 'from-header' });
  expect(refusedError({ status: 500, body }, to).requestId).toBe('20260822');
  expect(refusedError({ status: 500, body: '', headers }, to).requestId).toBe('from-header');
});

test('an error names the host, the status and what to do next', () => {
  const body = JSON.stringify({ error: { message: 'Invalid token' } });
  expect(refusedError({ status: 401, body }, to).message).toBe(
    'www.anyfast.ai refuses the key (401): Invalid token. Check ANYFAST_API_KEY, or the apiKey passed to anyfast().',
  );
  expect(
    refusedError(
      { status: 503, body: JSON.stringify(gateway('No available channel', 'model_not_found')) },
      to,
    ).message,
  ).toContain('www.anyfast.ai serves no model called "kimi-k2.6" (503)');
});

test('the key is in no error, however the endpoint spells it', async () => {
  const key = 'sk-very-secret-0123456789';
  const said = `bad key ${key}, or very-secret-0123456789, or sk-ver***789 (request id: ${key})`;
  const endpoint = await startEndpoint(
    json({ error: { message: said } }, 401, { 'x-request-id': key }),
  );
  const error = await errorOf(ask(modelAt(endpoint.baseURL, { apiKey: key })));
  expect(error).toMatchObject({ code: 'authentication' });
  const told = JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error);
  expect(told).not.toMatch(/very-secret|sk-ver/);
  expect(endpoint.seen[0]!.headers.authorization).toBe(`Bearer ${key}`);
});

test('the key is in no warning, though the endpoint writes it between the frames', async () => {
  const key = 'own-very-secret-0123456789';
  const endpoint = await startEndpoint(
    stream(
      frames(
        `error: token ${key} is exhausted`,
        { content: 'Yes.', finish_reason: `odd: token ${key}` },
        '[DONE]',
      ),
    ),
  );
  const answer = await ask(modelAt(endpoint.baseURL, { apiKey: key }));
  expect(answer.warnings.join()).toMatch(/\[key\].*\[key\]/);
  expect(answer.warnings.join()).not.toContain('secret');
});

test.each([
  ['a page with status 200', 200, `<p>${'y'.repeat(105)} `],
  ['a page that refuses', 401, `${'y'.repeat(480)} `],
])('no half of the key is left where %s is cut', async (_what, status, before) => {
  const key = 'own-very-secret-0123456789';
  const endpoint = await startEndpoint(json(`${before}${key}</p>`, status));
  const model = modelAt(endpoint.baseURL, { apiKey: key, retry: { attempts: 1 } });
  expect(String(await errorOf(ask(model)))).not.toMatch(/own-very|ery-secret/);
});

test('what a fetch of the user throws is shown without the key, with its causes', async () => {
  const key = 'own-very-secret-0123456789';
  const own: typeof fetch = async (_url, init) => {
    const cause = Object.assign(new Error(`connect ${key}`), { code: `EOWN ${key}`, name: key });
    throw new Error(`proxy refused ${JSON.stringify(init?.headers)}`, { cause });
  };
  const model = modelAt('http://127.0.0.1:47/v1', {
    apiKey: key,
    fetch: own,
    retry: { attempts: 1 },
  });
  const error = await errorOf(ask(model));
  expect(inspect(error, { depth: 9 })).not.toContain('secret');
  expect(error).toMatchObject({
    code: 'connection',
    cause: {
      message: expect.stringContaining('proxy refused') as string,
      cause: { code: 'EOWN [key]' },
    },
  });
});

test('a refusal that breaks off in the middle of the key shows no half of it', async () => {
  const key = 'own-very-secret-0123456789';
  const endpoint = await startEndpoint((response) => {
    response
      .writeHead(401)
      .write(`Incorrect key provided: ${key.slice(0, 20)}`, () =>
        setTimeout(() => response.destroy(), 20),
      );
  });
  const error = await errorOf(ask(modelAt(endpoint.baseURL, { apiKey: key })));
  expect(error).toMatchObject({ code: 'authentication' });
  expect(String(error)).not.toContain('own-very');
});

test('the raw bytes of a server that speaks no HTTP are not shown: they may hold the key', async () => {
  const key = 'own-very-secret-0123456789';
  const baseURL = await startSocket((socket) =>
    socket.once('data', () => socket.end(`no HTTP: token ${key}\r\n\r\n`)),
  );
  const options = { apiKey: key, retry: { attempts: 1 } };
  const error = await errorOf(ask(modelAt(baseURL, options)));
  expect(error).toMatchObject({ code: 'connection' });
  expect(inspect(error, { depth: 9, maxArrayLength: null })).not.toMatch(
    /secret|73 65 63 72 65 74/,
  );
});

test('a page that refuses is waited for no longer than its status is worth', async () => {
  const endpoint = await startEndpoint((response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 100);
    response.on('close', () => clearInterval(timer));
  });
  expect(await errorOf(ask(modelAt(endpoint.baseURL)))).toMatchObject({ status: 400 });
  await endpoint.hungUp;
}, 30_000);

test('a host that cannot be reached is named, with the reason', async () => {
  const error = await errorOf(ask(modelAt('http://127.0.0.1:47/v1')));
  expect(error).toMatchObject({ code: 'connection', retryable: true });
  expect(String(error)).toMatch(/No connection to 127\.0\.0\.1:47: .*ECONNREFUSED/);
});

test('a web page with status 200 is no answer', async () => {
  const endpoint = await startEndpoint(
    json('<!doctype html><title>Welcome</title>', 200, { 'content-type': 'text/html' }),
  );
  const error = await errorOf(ask(modelAt(endpoint.baseURL, { retry: { attempts: 1 } })));
  expect(error).toMatchObject({ code: 'bad_response', status: 200 });
  expect(String(error)).toContain('a web page ("Welcome")');
});

test('a redirect is not followed with the key', async () => {
  const endpoint = await startEndpoint(json('', 307, { location: 'https://elsewhere.example/v1' }));
  const error = await errorOf(ask(modelAt(endpoint.baseURL)));
  expect(String(error)).toContain('redirects to https://elsewhere.example/v1 (307)');
});

test('without a key nothing is made, unless the endpoint is on this machine', () => {
  vi.stubEnv('ANYFAST_API_KEY', undefined);
  vi.stubEnv('ANYFAST_BASE_URL', undefined);
  expect(() => anyfast('kimi-k2.6')).toThrow(
    new ModelError(
      'missing_api_key',
      'No API key: set ANYFAST_API_KEY or pass { apiKey } to anyfast().',
    ),
  );
  expect(anyfast('kimi-k2.6', { baseURL: 'http://localhost:8787/v1' }).id).toBe('kimi-k2.6');
  vi.stubEnv('ANYFAST_BASE_URL', 'http://127.0.0.1:9/v1');
  expect(anyfast('kimi-k2.6').id).toBe('kimi-k2.6');
});

test('says of a refused key whether one was sent', () => {
  const body = '{"error":{"message":"No token provided","type":"new_api_error"}}';
  expect(refusedError({ status: 401, body }, { ...to, hasKey: false }).message).toMatch(
    /needs a key \(401\): No token provided\. None was sent: set ANYFAST_API_KEY or pass \{ apiKey \} to anyfast\(\)\.$/,
  );
  expect(refusedError({ status: 401, body }, to).message).toContain('refuses the key (401)');
});

test('a path that the host does not serve leads to the baseURL', () => {
  const body =
    '{"error":{"message":"Invalid URL (POST /chat/completions)","type":"invalid_request_error"}}';
  const error = refusedError({ status: 404, body }, to);
  expect(error).toMatchObject({ code: 'invalid_request', status: 404 });
  expect(error.message).toContain(`Check the baseURL ${to.baseURL}.`);
});
