import { ThroughlineError } from '@throughline/core';

/** The path, if it is one; throws `invalid_option` otherwise. */
export function checkPath(where: string, option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new ThroughlineError(
    'invalid_option',
    `${where}: ${option} is ${JSON.stringify(value) ?? String(value)}, but it must be a path.`,
  );
}
