import { isObject, parseObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';

/**
 * Whether a parsed body, frame or choice is an error and no answer. Gateways put an empty `error` beside good answers, or one
 * that says all is well.
 */
export function isRefusal(json: JsonObject): boolean {
  if (saysError(json['error'])) return true;
  const { choices } = json;
  if ((Array.isArray(choices) && choices.length > 0) || isObject(json['usage'])) return false;
  if (json['type'] === 'error' || json['object'] === 'error') return true;
  if (json['success'] === false || saysError(json['errors'])) return true;
  const isCoded = json['code'] !== undefined && ('message' in json || 'msg' in json);
  return isCoded && !isFine(json['code']);
}

/** What an event of the type `error` says, as a frame; undefined where it says nothing. */
export function errorIn(data: string): JsonObject | undefined {
  const json = parseObject(data);
  if (json !== undefined && isRefusal(json)) return json;
  return saysError(json ?? data) ? { error: json ?? data } : undefined;
}

/** Whether the value of an `error` names an error. */
export function saysError(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value.trim() !== '' && !isFine(value);
  if (typeof value === 'number') return !isFine(value);
  if (typeof value === 'boolean') return value;
  if (depth > 3 || typeof value !== 'object' || value === null) return false;
  if (isObject(value) && 'code' in value && isFine(value['code'])) return false;
  return Object.values(value).some((inner) => saysError(inner, depth + 1));
}

function isFine(value: unknown): boolean {
  return /^(|0|200|ok|success|null|none|false|nil|<nil>)$/i.test(String(value ?? '').slice(0, 20));
}
