import { ThroughlineError } from '@throughline/core';

/** Throws `invalid_option` for what is no number above 0. */
export function checkLimit(scorer: string, option: string, value: unknown): void {
  if (typeof value === 'number' && value > 0) return;
  const told = `${scorer}(): ${option} is ${JSON.stringify(value)}, but it must be a number above 0.`;
  throw new ThroughlineError('invalid_option', told);
}
