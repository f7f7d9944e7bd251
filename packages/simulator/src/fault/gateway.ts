import { gatewayError, type Refusal } from '../wire/refusal.ts';
import { faultList, type Fault } from './fault.ts';

/** Errors of the gateway: of its own checks, and of its way to the upstream. */
export const gatewayFaults = faultList([
  own('gateway-no-token', gatewayError(401, 'No token provided')),
  own('gateway-invalid-token', gatewayError(401, 'Invalid token')),
  own('gateway-token-missing', gatewayError(401, 'Token not provided')),
  own('gateway-token-expired', gatewayError(401, 'This token has expired')),
  own(
    'gateway-token-exhausted',
    gatewayError(401, 'This token quota is exhausted TokenStatusExhausted[sk-sim***tor]'),
  ),
  own('gateway-no-access', gatewayError(403, 'This token has no access to model kimi-k2.6')),
  own('gateway-banned', gatewayError(403, 'The user has been banned')),
  own(
    'gateway-ip-not-allowed',
    gatewayError(403, 'Your IP is not in the list of allowed ones', 'access_denied'),
  ),
  own(
    'gateway-no-model',
    gatewayError(400, 'Model name not specified, model name cannot be empty'),
  ),
  own('gateway-invalid-body', gatewayError(400, 'Invalid request: unexpected end of JSON input')),
  own(
    'gateway-no-channel',
    gatewayError(
      503,
      'No available channel for model kimi-k2.6 under group default (distributor)',
      'model_not_found',
    ),
  ),
  own(
    'gateway-no-channel-failed',
    gatewayError(
      503,
      'Failed to get available channel for model kimi-k2.6 under group default',
      'model_not_found',
    ),
  ),
  own(
    'gateway-no-channel-zh',
    gatewayError(503, '当前分组 default 下对于模型 kimi-k2.6 无可用渠道', 'model_not_found'),
  ),
  own(
    'gateway-request-limit',
    gatewayError(429, 'You have reached the request limit: maximum 60 requests in 1 minutes'),
  ),
  own('gateway-invalid-url', {
    ...gatewayError(404, 'Invalid URL (POST /v1/chat/completions)'),
    type: 'invalid_request_error',
  }),
  own('gateway-not-implemented', gatewayError(501, 'API not implemented', 'api_not_implemented')),
  relay(
    'gateway-bad-status',
    504,
    'upstream_error',
    'bad_response_status_code',
    'bad response status code 504',
  ),
  relay(
    'gateway-user-quota',
    403,
    'new_api_error',
    'insufficient_user_quota',
    'user quota is not enough',
  ),
  relay(
    'gateway-token-quota',
    403,
    'new_api_error',
    'pre_consume_token_quota_failed',
    'token quota is not enough',
  ),
  relay('gateway-invalid-request', 500, 'new_api_error', 'invalid_request', 'invalid request'),
  relay(
    'gateway-get-channel-failed',
    500,
    'new_api_error',
    'get_channel_failed',
    'failed to get a channel',
  ),
  relay(
    'gateway-do-request-failed',
    500,
    'new_api_error',
    'do_request_failed',
    'do request failed',
  ),
  relay(
    'gateway-read-response-failed',
    500,
    'new_api_error',
    'read_response_body_failed',
    'failed to read the response body',
  ),
  relay(
    'gateway-bad-response',
    500,
    'new_api_error',
    'bad_response_body',
    'the response body is not what was expected',
  ),
  relay('gateway-empty-response', 500, 'new_api_error', 'empty_response', 'the response is empty'),
  relay(
    'gateway-convert-failed',
    500,
    'new_api_error',
    'convert_request_failed',
    'failed to convert the request',
  ),
  relay(
    'gateway-too-large',
    413,
    'new_api_error',
    'read_request_body_failed',
    'request body too large',
  ),
  relay(
    'gateway-sensitive-words',
    400,
    'new_api_error',
    'sensitive_words_detected',
    'user sensitive words detected',
  ),
  relay(
    'gateway-sensitive-words-500',
    500,
    'new_api_error',
    'sensitive_words_detected',
    'user sensitive words detected',
  ),
  relay(
    'gateway-saturated',
    429,
    'upstream_error',
    '',
    'Current group upstream load is saturated, please try again later',
  ),
  relay('gateway-saturated-zh', 429, 'upstream_error', '', '当前分组上游负载已饱和，请稍后再试'),
]);

function own<const Name extends string>(name: Name, refusal: Refusal): Fault<Name> {
  const about = `${refusal.status} of the gateway's own checks: ${refusal.message}.`;
  return { name, kind: 'error', source: 'gateway-checks', about, refuse: () => refusal };
}

function relay<const Name extends string>(
  name: Name,
  status: number,
  type: string,
  ...[code, message]: readonly [string, string]
): Fault<Name> {
  const about = `${status} ${code || type} from the gateway's relay: ${message}.`;
  const refusal: Refusal = { status, layer: 'upstream', type, code, message };
  return { name, kind: 'error', source: 'gateway-relay', about, refuse: () => refusal };
}
