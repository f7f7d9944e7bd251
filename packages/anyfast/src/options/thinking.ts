import { isObject } from '../wire/json.ts';
import { refuse } from './check.ts';
import type { Thinking } from './options.ts';

const keepAll: Thinking = { type: 'enabled', keep: 'all' };

/** Reads an option that says whether the model thinks. Throws the `invalid_option` that names it. */
export function toThinking(option: string, value: unknown): Thinking {
  if (value === true) return keepAll;
  if (value === false) return { type: 'disabled' };
  const wanted = "true, false, { type: 'disabled' } or { type: 'enabled', keep?: 'all' | null }";
  if (!isObject(value)) return refuse(option, value, wanted);
  const { type, keep, ...odd } = value;
  if (Object.keys(odd).length > 0) return refuse(option, value, wanted);
  if (type === 'disabled' && keep === undefined) return { type };
  if (type !== 'enabled') return refuse(option, value, wanted);
  if (keep === undefined) return { type };
  return keep === 'all' || keep === null ? { type, keep } : refuse(option, value, wanted);
}
