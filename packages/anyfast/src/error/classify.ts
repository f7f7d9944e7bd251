import type { ModelErrorCode } from '@throughline/core';
import type { Refusal } from './error-body.ts';

/** What an error means and whether the same request may succeed later. */
export interface Verdict {
  readonly code: ModelErrorCode;
  readonly retryable: boolean;
}

/** The ways in which hosts say that the conversation is too long (contract, section 5.1). */
const overflow = [
  /context[ _-]?length/i,
  /context window.*exceed|exceed.*context window/i,
  /maximum context/i,
  /exceed(ed|s|ing)? (the )?max(imum)? tokens?/i,
  /too many tokens.*(prompt|input|context)/i,
  /prompt is too long.*maximum/i,
  /input token(s)? (count|length).*(exceeds|too long)/i,
  /request.*exceed(ed|s|ing)?.*model token limit/i,
  /prompt tokens.*max_?(completion_)?tokens.*exceed/i,
];

const exhausted =
  /exceeded your current (token )?quota|check your account balance|insufficient balance|recharge|quota is (exhausted|not enough)|insufficient_user_quota|额度(不足|已用尽)/i;
const quotaWords = new Set([
  'exceeded_current_quota_error',
  'insufficient_user_quota',
  'pre_consume_token_quota_failed',
  'insufficient_quota',
]);
const unserved =
  /not found the model|no available channel|failed to get available channel|无可用渠道|model.*(does not exist|not found)/i;
const tooLarge =
  /request exceeds the maximum size|total message size.*exceeds|request body too large|entity too large/i;
const crowded = /saturated|overloaded|上游负载已饱和/i;
const filtered = /high risk|sensitive[ _]words/i;
const daily = /\bTPD\b|per day/i;

const filterWords = new Set(['content_filter', 'sensitive_words_detected']);
/** The gateway answers 500 to these, though no repetition will mend them. */
const lasting = new Set(['invalid_request', 'convert_request_failed', 'api_not_implemented']);

/** Judges an error by its words first and its status second: gateways keep the words and remap the status. */
export function classify(refusal: Refusal, status: number | undefined): Verdict {
  return (
    byWords(refusal, status) ??
    (status !== undefined && status >= 400 ? byStatus(refusal, status) : byType(refusal))
  );
}

function byWords({ text, type, code }: Refusal, status: number | undefined): Verdict | undefined {
  const is = (words: ReadonlySet<string>): boolean => words.has(type) || words.has(code);
  if (is(quotaWords) || exhausted.test(text)) return never('quota');
  if (code === 'context_length_exceeded') return never('context_overflow');
  const limited = status === 401 || status === 403 || status === 429;
  if (!limited && overflow.some((words) => words.test(text))) return never('context_overflow');
  if (is(filterWords) || (status === 400 && filtered.test(text))) return never('content_filter');
  if (code === 'model_not_found' || (status !== 403 && unserved.test(text))) {
    return never('model_not_found');
  }
  if (status === 413 || code === 'read_request_body_failed' || tooLarge.test(text)) {
    return never('request_too_large');
  }
  if (lasting.has(code)) return never('invalid_request');
  return undefined;
}

function byStatus({ text, type }: Refusal, status: number): Verdict {
  switch (status) {
    case 401:
      return never('authentication');
    case 403:
      return never('permission');
    case 408:
    case 504:
    case 524:
      return later('timeout');
    case 409:
      return later('server');
    case 429:
      if (type === 'engine_overloaded_error' || crowded.test(text)) return later('overloaded');
      return { code: 'rate_limit', retryable: !daily.test(text) };
    case 503:
    case 529:
      return later('overloaded');
    case 501:
    case 505:
      return never('server');
    default:
      return status >= 500 ? later('server') : never('invalid_request');
  }
}

/** For an error without a status, inside a stream. What nobody can place may pass, so it is tried again. */
function byType({ text, type, code }: Refusal): Verdict {
  switch (type) {
    case 'invalid_authentication_error':
    case 'incorrect_api_key_error':
    case 'authentication_error':
      return never('authentication');
    case 'permission_denied_error':
      return never('permission');
    case 'resource_not_found_error':
      return never('model_not_found');
    case 'rate_limit_reached_error':
    case 'rate_limit_error':
      return { code: 'rate_limit', retryable: !daily.test(text) };
    case 'engine_overloaded_error':
    case 'overloaded_error':
    case 'server_unavailable':
      return later('overloaded');
    case 'invalid_request_error':
      return never('invalid_request');
    default:
      return crowded.test(text) || code === 'overloaded' ? later('overloaded') : later('server');
  }
}

function never(code: ModelErrorCode): Verdict {
  return { code, retryable: false };
}

function later(code: ModelErrorCode): Verdict {
  return { code, retryable: true };
}
