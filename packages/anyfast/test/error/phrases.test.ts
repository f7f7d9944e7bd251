import { expect, test } from 'vitest';
import { refusedError } from '../../src/error/model-error.ts';
import { redactor } from '../../src/options/redact.ts';

const to = {
  model: 'kimi-k2.6',
  baseURL: 'https://www.anyfast.ai/v1',
  hasKey: true,
  secrets: ['sk-secret-key-1234'],
  redact: redactor('sk-secret-key-1234'),
};
const told = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  refusedError({ status, body: JSON.stringify(body), headers: new Headers(headers) }, to);
const saying = (status: number, message: string, more: object = {}) =>
  told(status, { error: { message, ...more } });

test.each([
  [
    'DashScope',
    400,
    '<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 983616]',
  ],
  [
    'llama.cpp',
    400,
    'the request exceeds the available context size. try increasing the context size or enable context shift',
  ],
  [
    'llama.cpp, numbers',
    400,
    'request (14429 tokens) exceeds the available context size (8192 tokens), try increasing it',
  ],
  ['llama.cpp, without shifting', 500, 'context shift is disabled'],
  ['SiliconFlow', 400, 'length of prompt_tokens (163280) must be less than max_seq_len (32768).'],
  ['Volcengine', 400, 'Total tokens of image and text exceed max message tokens'],
  ['Volcengine, length', 400, 'Input length 132345 exceeds the maximum length 131072'],
  [
    'Together',
    422,
    "The input (210000 tokens) is longer than the model's context length (200000 tokens).",
  ],
  [
    'Together, older',
    422,
    'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 32769. Given: 40000 `inputs` tokens',
  ],
  ['Copilot', 400, 'prompt token count of 93854 exceeds the limit of 90000'],
  ['Zhipu', 400, 'Prompt exceeds max length'],
  ['Zhipu in Chinese', 400, 'Prompt 超长'],
  [
    'xAI',
    400,
    "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
  ],
  ['Bedrock', 400, 'Input is too long for requested model.'],
  ['Anthropic', 400, 'prompt is too long: 213462 tokens > 200000 maximum'],
  [
    'Anthropic, with the answer',
    400,
    'input length and `max_tokens` exceed context limit: 198981 + 21333 > 200000, decrease input length or `max_tokens` and try again',
  ],
  [
    'ds4',
    400,
    'Prompt has 32769 tokens, but the configured context size is 32768 tokens; prompt is over the limit',
  ],
  ['ds4, other words', 400, 'Prompt tokens (9000) exceeds context size (8192)'],
  [
    'OpenAI',
    400,
    'Your input exceeds the context window of this model. Please adjust your input and try again.',
  ],
  [
    'vLLM',
    400,
    "This model's maximum context length is 262144 tokens. However, you requested 0 output tokens and your prompt contains at least 262145 input tokens, for a total of at least 262145 tokens.",
  ],
  [
    'vLLM, decoder',
    400,
    'The decoder prompt (length 40000) is longer than the maximum model length of 32768.',
  ],
  [
    'SGLang',
    400,
    'Input length (40000 tokens) exceeds the maximum allowed length (32768 tokens). Use a shorter input.',
  ],
  ['Groq', 400, 'Please reduce the length of the messages or completion.'],
  [
    'Google',
    400,
    'The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).',
  ],
  [
    'Mistral',
    400,
    'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
  ],
  ['MiniMax', 400, 'invalid params, context window exceeds limit (2013)'],
  ['Ollama', 400, 'prompt too long; exceeded max context length by 123 tokens'],
  [
    'LM Studio',
    400,
    'The number of tokens to keep from the initial prompt is greater than the context length.',
  ],
  ['Cohere', 400, 'too many tokens: total number of tokens in the prompt cannot exceed 4081'],
  ['Poolside', 400, 'requested token count exceeds the model context length of 131072 tokens'],
  [
    'RKLLM',
    400,
    'Prompt is 11543 tokens but the model context window is 4096 tokens: context overflow',
  ],
  ['a gateway in Chinese', 400, '输入的 tokens 总数超过了模型的上下文长度限制'],
  ['another in Chinese', 400, '请求失败：上下文长度超出限制 131072'],
  ['Hunyuan', 400, '输入内容过长，请缩短后重试'],
])('the words of %s are a conversation that is too long', (_host, status, message) => {
  expect(saying(status, message)).toMatchObject({ code: 'context_overflow', retryable: false });
});

test.each([
  ['context_length_exceeded', { code: 'context_length_exceeded' }],
  ['exceed_context_size_error', { type: 'exceed_context_size_error' }],
  ['model_max_prompt_tokens_exceeded', { code: 'model_max_prompt_tokens_exceeded' }],
])('the code %s says it, whatever the words are', (_name, more) => {
  expect(saying(400, 'no', more)).toMatchObject({ code: 'context_overflow' });
});

test.each([
  [400, 'max_tokens (100000) exceeds the maximum of 8192', 'invalid_request'],
  [400, 'Range of max_tokens should be [1, 8192]', 'invalid_request'],
  [
    400,
    'max_completion_tokens is too large: 64000. This model supports at most 16384',
    'invalid_request',
  ],
  [400, 'maximum output tokens exceeded: 8192', 'invalid_request'],
  [
    400,
    "Invalid 'tools[0].function.description': string too long. Expected at most 1024",
    'invalid_request',
  ],
  [400, "'messages[3].tool_calls[0].function.name' is too long, at most 64", 'invalid_request'],
  [400, 'prompt_cache_key exceeds 64 characters', 'invalid_request'],
  [400, 'The input image is too large', 'invalid_request'],
  [400, 'max_tokens参数超出范围', 'invalid_request'],
  [429, 'Rate limit reached: input tokens per minute exceeded', 'rate_limit'],
  [429, 'token 每分钟用量超过限制', 'rate_limit'],
  [400, 'total message size 3275158 exceeds limit 2097152', 'request_too_large'],
  [400, 'temperature is too large', 'invalid_request'],
])('%i with "%s" is %s: the conversation is not to be shortened', (status, message, code) => {
  expect(saying(status, message)).toMatchObject({ code });
});

test('a rate of tokens that a stream tells without a status is no length', () => {
  expect(saying(200, 'Rate limit exceeded: too many input tokens per minute').code).not.toBe(
    'context_overflow',
  );
});

test.each<[number, string, object]>([
  [402, '', {}],
  [402, 'Insufficient Balance', {}],
  [403, '余额不足，请充值', {}],
  [429, '您的账户余额不足', { code: '1113' }],
  [403, '用户额度不足, 剩余额度: ＄0.000000', {}],
  [400, '账户已欠费，请充值后重试', {}],
  [400, 'Access denied, please make sure your account is in good standing.', { code: 'Arrearage' }],
  [
    403,
    'The request failed because your account has an overdue balance.',
    { code: 'AccountOverdueError' },
  ],
  [400, 'Your credit balance is too low to access the API', {}],
  [429, 'You exceeded your current quota, please check your plan and billing details', {}],
  [403, 'Sorry, your account balance is insufficient', { code: 30001 }],
  [429, 'x', { type: 'insufficient_quota' }],
  [400, 'Billing hard limit has been reached', {}],
  [403, 'This request requires more credits, or fewer max_tokens.', {}],
  [401, '该令牌额度已用尽', {}],
  [403, '资源包已用完', {}],
])('%i "%s" %j is a balance that is used up, and is not asked again', (status, message, more) => {
  expect(saying(status, message, more)).toMatchObject({ code: 'quota', retryable: false });
});

const overflow = 'Range of input length should be [1, 30720]';
test.each<[string, unknown]>([
  [
    "OpenRouter's metadata.raw",
    {
      error: {
        message: 'Provider returned error',
        code: 400,
        metadata: { raw: JSON.stringify({ error: { message: overflow } }), provider_name: 'X' },
      },
    },
  ],
  [
    'the same without the envelope',
    { message: 'Provider returned error', metadata: { raw: overflow } },
  ],
  ["FastAPI's detail", { detail: overflow }],
  [
    "FastAPI's list",
    {
      detail: [
        { type: 'value_error', loc: ['body', 'messages'], msg: overflow, input: { messages: 'x' } },
      ],
    },
  ],
  ['an object as detail', { detail: { error: { message: overflow } } }],
  ['a list of errors', { errors: [{ message: overflow }] }],
  ['a list of texts', { errors: [overflow] }],
  ["Google's list", [{ error: { code: 400, message: overflow, status: 'INVALID_ARGUMENT' } }]],
  [
    'a message that is JSON text',
    { error: { message: JSON.stringify({ error: { message: overflow } }) } },
  ],
  [
    'JSON behind words',
    {
      error: {
        message: `litellm.BadRequestError: ${JSON.stringify({ error: { message: overflow } })}`,
      },
    },
  ],
  [
    'JSON text in JSON text',
    { error: { message: JSON.stringify({ message: JSON.stringify({ msg: overflow }) }) } },
  ],
  ["MiniMax's base_resp", { base_resp: { status_code: 2013, status_msg: overflow } }],
  [
    "Tencent's capitals",
    { Response: { Error: { Code: 'X', Message: overflow }, RequestId: 'id-1' } },
  ],
  ['a problem document', { title: 'Bad Request', status: 400, detail: overflow }],
  ['an error that is a text', { error: overflow }],
  [
    'a deep cause',
    { error: { cause: { response: { body: JSON.stringify({ error: { message: overflow } }) } } } },
  ],
])('the words are found in %s', (_shape, body) => {
  const error = told(400, body);
  expect(error).toMatchObject({ code: 'context_overflow' });
  expect(error.message).toContain(overflow);
});

test('what is said at several depths stands together, the outermost first, and nothing twice', () => {
  const raw = JSON.stringify({
    error: { message: 'at most 1 image', type: 'invalid_request_error' },
  });
  const body = {
    error: { message: 'Provider returned error', metadata: { raw }, details: 'at most 1 image' },
  };
  expect(told(400, body).message).toBe(
    'www.anyfast.ai refuses the request (400): Provider returned error: at most 1 image.',
  );
});

test('a body that breaks off still tells its message', () => {
  const body = `{"detail":[{"msg":"${overflow}","input":"${'x'.repeat(300_000)}`;
  const error = refusedError({ status: 422, body }, to);
  expect(error.code).toBe('context_overflow');
  expect(error.message.length).toBeLessThan(400);
});

test.each<[string, Record<string, string>, string, number | undefined]>([
  ['Go words', {}, 'Please try again in 1m0.5s', 60_500],
  ['hours and minutes', {}, 'retry after 2h30m', 9_000_000],
  ['hours', {}, 'Your limit resets in 5 hours', 18_000_000],
  ['whole words', {}, 'wait for 1 minute and 5 seconds', 65_000],
  ['milliseconds in words', {}, 'try again in 850ms', 850],
  ['Chinese seconds', {}, '请求过于频繁，请 30 秒后重试', 30_000],
  ['Chinese minutes', {}, '请在5分钟后再试', 300_000],
  ['Chinese hours', {}, '2小时之后重置', 7_200_000],
  ['Chinese waiting', {}, '请等待 45 秒', 45_000],
  ['a header in milliseconds', { 'retry-after-ms': '250' }, '', 250],
  ["Azure's header", { 'x-ms-retry-after-ms': '1500' }, '', 1500],
  ['a duration in the header', { 'retry-after': '1m0.5s' }, '', 60_500],
  ['the finer header first', { 'retry-after-ms': '250', 'retry-after': '1' }, '', 250],
  ['no wait but a rate', {}, 'maximum 3 requests in 5 minutes', undefined],
  ['no wait but a length', {}, 'the clip is 5 seconds long', undefined],
  ['nonsense in the header', { 'retry-after': 'soon' }, '', undefined],
])('the wait is read from %s', (_what, headers, message, ms) => {
  expect(told(429, { error: { message } }, headers).retryAfterMs).toBe(ms);
});

test.each<[string, unknown, number]>([
  ['a field of seconds', { error: { message: 'x', retry_after: 7 } }, 7000],
  ["Google's RetryInfo", { error: { message: 'x', details: [{ retryDelay: '34.07s' }] } }, 34_070],
  [
    "OpenRouter's headers",
    { error: { message: 'x', metadata: { headers: { 'Retry-After': '9' } } } },
    9000,
  ],
  ['milliseconds', { error: { message: 'x', retry_after_ms: 120 } }, 120],
])('the wait is read from %s of the body', (_what, body, ms) => {
  expect(told(429, body).retryAfterMs).toBe(ms);
});

test('a wait until a time is a wait', () => {
  const at = new Date(Date.now() + 120_000).toISOString();
  const { retryAfterMs = 0 } = told(429, { error: { message: `try again after ${at}` } });
  expect(retryAfterMs).toBeGreaterThan(110_000);
  expect(retryAfterMs).toBeLessThanOrEqual(120_000);
});

test('no control character of a host reaches an error or a request id', () => {
  const evil = 'a\u001b]0;title\u0007b\r\n2026 fake log line\u202ec\u009b31m\u2028d\ud800e';
  const errors = [
    told(400, { error: { message: evil, request_id: evil } }),
    refusedError({ status: 500, body: `oops ${evil}` }, to),
    refusedError({ status: 500, body: `<title>${evil}</title>` }, to),
  ];
  for (const { message, requestId = '' } of errors) {
    expect(message + requestId).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(message).toContain('\\x1b]0;title\\x07b 2026 fake log line\\u{202e}c\\x9b31m');
  }
  expect(errors[0]?.requestId).toContain('\\x1b');
});

test.each([
  [
    'https://api.example',
    404,
    '{}',
    'it has no /v1, which most hosts want. Try https://api.example/v1.',
  ],
  ['https://api.example/v1/v1', 404, '{}', 'it has /v1 and /v1'],
  [
    'http://api.example/v1',
    400,
    'Client sent an HTTP request to an HTTPS server.',
    'write https://api.example/v1',
  ],
  [
    'http://api.example/v1',
    400,
    '<title>400 The plain HTTP request was sent to HTTPS port</title>',
    'The server speaks https',
  ],
  [
    'https://api.example/v1',
    403,
    'Unknown ALPN Protocol, expected `h2` to be available.',
    'The server speaks HTTP/2 alone',
  ],
])('the words name the likely mistake: %s, %i', (baseURL, status, body, words) => {
  expect(refusedError({ status, body }, { ...to, baseURL }).message).toContain(words);
});
