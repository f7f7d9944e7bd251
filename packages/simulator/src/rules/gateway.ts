import type { IncomingHttpHeaders } from 'node:http';
import { isObject, parseJson, type JsonObject } from '../wire/json.ts';
import { gatewayError, type Refusal } from '../wire/refusal.ts';

/** How much the simulator refuses: all rules, the gateway's own, or next to nothing. */
export type Strictness = 'moonshot' | 'gateway' | 'lenient';

/** Where a request goes, or why it goes nowhere. */
export type Route = 'chat' | 'models' | 'model' | Refusal;

const notImplemented = ['/v1/files', '/v1/fine-tunes', '/v1/images/variations'];

/** Finds the route of a method and path. */
export function findRoute(method: string, path: string): Route {
  if (!isDecodable(path)) return gatewayError(400, `Invalid URL escape in the path ${path}`);
  if (method === 'POST' && path === '/v1/chat/completions') return 'chat';
  if (method === 'GET' && path === '/v1/models') return 'models';
  if (method === 'GET' && path.startsWith('/v1/models/')) return 'model';
  if (notImplemented.includes(path)) {
    return gatewayError(501, 'API not implemented', 'api_not_implemented');
  }
  return {
    ...gatewayError(404, `Invalid URL (${method} ${path})`),
    type: 'invalid_request_error',
  };
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Checks the bearer key as the gateway reads it: without `Bearer `, `sk-` and a channel after it. */
export function checkKey(headers: IncomingHttpHeaders, key: string): Refusal | undefined {
  const given = (headers.authorization ?? '').replace(/^Bearer\s*/i, '').trim();
  if (given === '') return gatewayError(401, 'No token provided');
  const bare = given.replace(/^sk-/, '');
  const known = key.replace(/^sk-/, '');
  if (bare === known || bare.startsWith(`${known}-`)) return undefined;
  return gatewayError(401, 'Invalid token');
}

/** Reads the body as the gateway does: JSON, and an object. */
export function readJsonBody(
  bodyText: string,
  contentType: string | undefined,
  strictness: Strictness,
): { readonly body: JsonObject } | { readonly refusal: Refusal } {
  if (strictness !== 'lenient' && !/^application\/json\b/i.test(contentType ?? '')) {
    const told = 'Invalid request: the Content-Type must be application/json';
    return { refusal: gatewayError(400, told) };
  }
  const parsed = parseJson(bodyText);
  if (!parsed) {
    return { refusal: gatewayError(400, 'Invalid request: the body is not valid JSON') };
  }
  if (!isObject(parsed.value)) {
    return { refusal: gatewayError(400, 'Invalid request: the body must be a JSON object') };
  }
  return { body: parsed.value };
}

/** Checks that the model is named and has a channel. An unknown one is a 503, not a 404. */
export function checkModel(body: JsonObject, model: string): Refusal | undefined {
  const asked = body['model'];
  if (typeof asked !== 'string' || asked === '') {
    return gatewayError(400, 'Model name not specified, model name cannot be empty');
  }
  if (asked === model) return undefined;
  const told = `No available channel for model ${asked} under group default (distributor)`;
  return gatewayError(503, told, 'model_not_found');
}
