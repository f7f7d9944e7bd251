import { inspect } from 'node:util';

/** A value in a sentence. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : inspect(value, { depth: 0, breakLength: 200 });
}
