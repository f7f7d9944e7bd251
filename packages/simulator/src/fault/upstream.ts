import type { Refusal } from '../wire/refusal.ts';
import { faultList, type Fault } from './fault.ts';

/** Errors of Moonshot itself, which a gateway passes on. */
export const upstreamFaults = faultList([
  told(
    'upstream-content-filter',
    400,
    'content_filter',
    'The request was rejected because it was considered high risk',
  ),
  told('upstream-invalid-request', 400, 'invalid_request_error', 'Invalid request Error'),
  told(
    'upstream-invalid-temperature',
    400,
    'invalid_request_error',
    'invalid temperature: only 1 is allowed for this model',
  ),
  told('upstream-input-too-long', 400, 'invalid_request_error', 'Input token length too long'),
  told(
    'upstream-context-overflow',
    400,
    'invalid_request_error',
    'Invalid request: Your request exceeded model token limit: 262144 (requested: 274613)',
  ),
  told(
    'upstream-context-overflow-short',
    400,
    'invalid_request_error',
    'Invalid request: Your request exceeded model token limit: 262144',
  ),
  told(
    'upstream-budget-too-large',
    400,
    'invalid_request_error',
    'Invalid request: prompt tokens and max_completion_tokens together exceed what the model allows',
  ),
  told(
    'upstream-message-size',
    400,
    'invalid_request_error',
    'total message size 3275158 exceeds limit 2097152',
  ),
  told(
    'upstream-invalid-authentication',
    401,
    'invalid_authentication_error',
    'Invalid Authentication',
  ),
  told('upstream-incorrect-api-key', 401, 'incorrect_api_key_error', 'Incorrect API key provided'),
  told(
    'upstream-not-open',
    403,
    'permission_denied_error',
    'The API you are accessing is not open',
  ),
  told(
    'upstream-other-user',
    403,
    'permission_denied_error',
    'You are not allowed to get other user info',
  ),
  told(
    'upstream-ip-not-allowed',
    403,
    'permission_denied_error',
    'Your IP is not allowed to access this organization',
  ),
  told(
    'upstream-model-not-found',
    404,
    'resource_not_found_error',
    'Not found the model kimi-not-exist or Permission denied',
  ),
  told('upstream-request-timeout', 408, 'server_error', 'The request timed out'),
  told('upstream-conflict', 409, 'server_error', 'The request is in conflict with another'),
  told('upstream-too-large', 413, 'invalid_request_error', 'Request exceeds the maximum size'),
  told(
    'upstream-overloaded',
    429,
    'engine_overloaded_error',
    'The engine is currently overloaded, please try again later',
    '1',
  ),
  told(
    'upstream-quota',
    429,
    'exceeded_current_quota_error',
    'You exceeded your current token quota: <org-5f0c> 31275, please check your account balance',
  ),
  told(
    'upstream-suspended',
    429,
    'exceeded_current_quota_error',
    'Your account org-5f0c is suspended due to insufficient balance, please recharge your account or check your plan and billing details',
  ),
  told(
    'upstream-rate-limit',
    429,
    'rate_limit_reached_error',
    'Your account org-5f0c<ak-17> request reached organization max RPM: 3, please try again after 1 seconds',
  ),
  told(
    'upstream-rate-limit-concurrency',
    429,
    'rate_limit_reached_error',
    'Your account org-5f0c<ak-17> request reached organization max concurrency: 1, please try again after 1 seconds',
  ),
  told(
    'upstream-rate-limit-tpm',
    429,
    'rate_limit_reached_error',
    'Your account org-5f0c<ak-17> request reached organization TPM rate limit, current: 500123, limit: 500000, please try again after 1 seconds',
  ),
  told(
    'upstream-rate-limit-day',
    429,
    'rate_limit_reached_error',
    'Your account org-5f0c<ak-17> request reached organization TPD rate limit, current: 1500321, limit: 1500000',
  ),
  told(
    'upstream-rate-limit-model',
    429,
    'rate_limit_reached_error',
    'request reached user+model max RPM: 50',
  ),
  told('upstream-client-closed', 499, 'client_closed_request', 'The client closed the request'),
  told('upstream-server-error', 500, 'server_error', 'invalid state transition'),
  told('upstream-unexpected-output', 500, 'unexpected_output', 'invalid state transition'),
  told('upstream-unavailable', 503, 'server_unavailable', 'The server is unavailable'),
  told(
    'upstream-overloaded-529',
    529,
    'overloaded_error',
    'The engine is currently overloaded, please try again later',
  ),
  html('upstream-bad-gateway', 502, '502 Bad Gateway'),
  html('upstream-gateway-timeout', 504, '504 Gateway Time-out'),
]);

function told<const Name extends string>(
  name: Name,
  status: number,
  type: string,
  ...[message, retryAfter]: readonly [string, string?]
): Fault<Name> {
  const refusal: Refusal = {
    status,
    layer: 'upstream',
    type,
    message,
    ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }),
  };
  const wait = retryAfter === undefined ? '' : ` Asks for a wait of ${retryAfter} s.`;
  const about = `${status} ${type}: ${message}.${wait}`;
  return { name, kind: 'error', source: 'moonshot-errors', about, refuse: () => refusal };
}

function html<const Name extends string>(name: Name, status: number, title: string): Fault<Name> {
  const text = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  const refusal: Refusal = {
    status,
    layer: 'upstream',
    message: title,
    body: { type: 'text/html', text },
  };
  const about = `${status} with an HTML page instead of JSON.`;
  return { name, kind: 'error', source: 'moonshot-errors', about, refuse: () => refusal };
}
