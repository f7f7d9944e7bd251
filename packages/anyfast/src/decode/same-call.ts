import { parseObject } from '../wire/json.ts';

/** The same text for calls that say the same, however their arguments are spaced. */
export function sameness(name: string, args: string): string {
  const parsed = parseObject(args);
  return `${name} ${parsed === undefined ? args.trim() || '{}' : JSON.stringify(parsed)}`;
}
