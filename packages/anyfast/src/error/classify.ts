/** Judges what an error means. What it says is read before, by `readRefusal`; how it is told is for `model-error.ts`. */

import type { ModelErrorCode } from '@throughline/core';
import type { Refusal } from './refusal.ts';
import {
  crowded,
  exhausted,
  exhaustedCodes,
  filtered,
  rateLimit,
  lasting,
  overflow,
  overflowCodes,
  tooLarge,
  unserved,
  wantsHttp2,
} from './host-phrases.ts';

/** What an error means and whether the same request may succeed later. */
export interface Verdict {
  readonly code: ModelErrorCode;
  readonly retryable: boolean;
}

const filterCodes = new Set([
  'content_filter',
  'sensitive_words_detected',
  'data_inspection_failed',
]);
/** The gateway answers 500 to these, though no repetition will mend them. */
const permanent = new Set(['invalid_request', 'convert_request_failed', 'api_not_implemented']);

/** Judges an error by its words first and its status second: gateways keep the words and remap the status. */
export function classify(refusal: Refusal, status: number | undefined): Verdict {
  return (
    byWords(refusal, status) ??
    (status !== undefined && status >= 400 ? byStatus(refusal, status) : byType(refusal))
  );
}

function byWords({ text, codes }: Refusal, status: number | undefined): Verdict | undefined {
  const has = (...names: readonly string[]): boolean => codes.some((code) => names.includes(code));
  const among = (names: ReadonlySet<string>): boolean => codes.some((code) => names.has(code));
  if (status === 402 || among(exhaustedCodes) || exhausted.test(text)) return never('quota');
  if (among(overflowCodes)) return never('context_overflow');
  if (tooLarge.test(text)) return never('request_too_large');
  const limited = status === 401 || status === 403 || status === 429 || rateLimit.test(text);
  if (!limited && overflow.test(text)) return never('context_overflow');
  if (among(filterCodes) || (status === 400 && filtered.test(text))) return never('content_filter');
  if (has('model_not_found') || (status !== 403 && unserved.test(text))) {
    return never('model_not_found');
  }
  if (status === 413 || has('read_request_body_failed')) return never('request_too_large');
  if (among(permanent)) return never('invalid_request');
  if (wantsHttp2.test(text)) return never('connection');
  return undefined;
}

function byStatus({ text, codes }: Refusal, status: number): Verdict {
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
      if (codes.includes('engine_overloaded_error') || crowded.test(text)) {
        return later('overloaded');
      }
      return { code: 'rate_limit', retryable: !lasting.test(text) };
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

const meanings: readonly (readonly [ModelErrorCode, readonly string[]])[] = [
  [
    'authentication',
    ['invalid_authentication_error', 'incorrect_api_key_error', 'authentication_error'],
  ],
  ['permission', ['permission_denied_error', 'permission_error']],
  ['model_not_found', ['resource_not_found_error']],
  ['rate_limit', ['rate_limit_reached_error', 'rate_limit_error', 'rate_limit_exceeded']],
  [
    'overloaded',
    ['engine_overloaded_error', 'overloaded_error', 'server_unavailable', 'overloaded'],
  ],
  ['invalid_request', ['invalid_request_error']],
];

/** For an error without a status, inside a stream. An unknown error may pass, so it is retried. */
function byType({ text, codes }: Refusal): Verdict {
  const code = meanings.find(([, names]) => codes.some((one) => names.includes(one)))?.[0];
  if (code === 'overloaded' || (code === undefined && crowded.test(text))) {
    return later('overloaded');
  }
  if (code === 'rate_limit') return { code, retryable: !lasting.test(text) };
  return code === undefined ? later('server') : never(code);
}

function never(code: ModelErrorCode): Verdict {
  return { code, retryable: false };
}

function later(code: ModelErrorCode): Verdict {
  return { code, retryable: true };
}
