import type { Refusal } from '../wire/refusal.ts';
import { faultList, type Fault } from './fault.ts';

/**
 * Errors as other hosts word and shape them: a gateway passes on what its channels say. The words are those of public reports
 * and of the hosts' documentation.
 */
export const wordFaults = faultList([
  longer(
    'dashscope',
    '<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 983616]',
  ),
  longer(
    'llama-cpp',
    'request (14429 tokens) exceeds the available context size (8192 tokens), try increasing it',
  ),
  longer('siliconflow', 'length of prompt_tokens (163280) must be less than max_seq_len (32768).'),
  longer('volcengine', 'Total tokens of image and text exceed max message tokens'),
  longer(
    'together',
    "The input (210000 tokens) is longer than the model's context length (200000 tokens).",
  ),
  longer('copilot', 'prompt token count of 93854 exceeds the limit of 90000'),
  longer('zhipu', 'Prompt 超长'),
  longer(
    'xai',
    "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
  ),
  longer('bedrock', 'Input is too long for requested model.'),
  longer(
    'anthropic',
    'input length and `max_tokens` exceed context limit: 198981 + 21333 > 200000',
  ),
  longer(
    'vllm',
    "This model's maximum context length is 262144 tokens. However, you requested 0 output tokens and your prompt contains at least 262145 input tokens.",
  ),
  longer('zh', '输入的 tokens 总数超过了模型的上下文长度限制'),
  refused('quota-402', 402, ''),
  refused('quota-balance-zh', 403, error('账户余额不足，请充值后重试')),
  refused(
    'quota-overdue',
    403,
    error('The request failed because your account has an overdue balance.', {
      code: 'AccountOverdueError',
    }),
  ),
  refused(
    'quota-arrearage',
    400,
    error('Access denied, please make sure your account is in good standing.', {
      code: 'Arrearage',
    }),
  ),
  refused('quota-credit', 400, error('Your credit balance is too low to access the API.')),
  refused(
    'nested-raw',
    400,
    error('Provider returned error', {
      code: 400,
      metadata: { raw: error('Range of input length should be [1, 30720]') },
    }),
    'the reason in metadata.raw, as JSON text',
  ),
  refused(
    'nested-detail',
    422,
    JSON.stringify({
      detail: [
        {
          type: 'value_error',
          loc: ['body', 'messages'],
          msg: 'Prompt exceeds max length',
          input: {},
        },
      ],
    }),
    'the reason in a list called detail',
  ),
  refused(
    'nested-errors',
    400,
    JSON.stringify({ errors: [{ message: 'Prompt exceeds max length' }] }),
    'the reason in a list called errors',
  ),
  refused(
    'nested-json-text',
    400,
    error(error('Prompt exceeds max length')),
    'a message that is JSON text',
  ),
  waiting('go', 'Rate limit reached, please try again in 0m0.4s'),
  waiting(
    'hours',
    'You have used up your share. It resets in 5 hours',
    {},
    'that asks for longer than a client waits',
  ),
  waiting(
    'header-ms',
    'Too many requests',
    { 'retry-after-ms': '400' },
    'with the header retry-after-ms of 400',
  ),
  waiting('zh', '请求过于频繁，请 1 秒后重试'),
  refused(
    'control-characters',
    400,
    error('no\u001b]0;owned\u0007\r\n2026-01-01 root logged in\u202e'),
    'words with escape sequences, line breaks and marks of direction',
    { 'x-request-id': 'id-\u009b31m' },
  ),
  refused('page-of-blanks', 400, `${' '.repeat(40_000)}x`, 'a page of 40,000 blanks'),
  refused(
    'page-of-tags',
    400,
    '<a <script <title '.repeat(2_000),
    'a page of 6,000 tags that nothing closes',
  ),
]);

function error(message: string, more: object = {}): string {
  return JSON.stringify({ error: { message, type: 'invalid_request_error', ...more } });
}

function longer<const Host extends string>(
  host: Host,
  message: string,
): Fault<`words-overflow-${Host}`> {
  const body = { type: 'application/json', text: error(message) };
  return fault(
    `words-overflow-${host}`,
    { status: 400, layer: 'upstream', message, body },
    `400 in words of its own: ${message}`,
  );
}

function refused<const Name extends string>(
  name: Name,
  status: number,
  ...[text, about, headers]: readonly [string, string?, Readonly<Record<string, string>>?]
): Fault<`words-${Name}`> {
  const type = text.startsWith('{') ? 'application/json' : 'text/html';
  const refusal: Refusal = {
    status,
    layer: 'upstream',
    message: about ?? text,
    body: { type, text },
    ...(headers && { headers }),
  };
  let told = `with ${about ?? 'an empty body'}`;
  if (about === undefined && text !== '') {
    const body = JSON.parse(text) as { readonly error: { readonly message: string } };
    told = `in words of its own: ${body.error.message}`;
  }
  return fault(`words-${name}`, refusal, `${status} ${told}`);
}

function waiting<const Name extends string>(
  name: Name,
  message: string,
  ...[headers, about]: readonly [Readonly<Record<string, string>>?, string?]
): Fault<`words-wait-${Name}`> {
  const body = { type: 'application/json', text: error(message, { type: 'rate_limit_error' }) };
  const refusal: Refusal = {
    status: 429,
    layer: 'upstream',
    message,
    body,
    ...(headers && { headers }),
  };
  return fault(
    `words-wait-${name}`,
    refusal,
    `429 with a wait in words${about === undefined ? '' : `, ${about}`}: ${message}`,
  );
}

function fault<const Name extends string>(
  name: Name,
  refusal: Refusal,
  about: string,
): Fault<Name> {
  return {
    name,
    kind: 'error',
    source: 'host-errors',
    about: `${about}.`.replace(/\.\.$/, '.'),
    refuse: () => refusal,
  };
}
