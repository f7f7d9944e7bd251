import { ThroughlineError } from '@throughline/core';
import { exactly } from './strike.ts';

/** The patterns of a `redact` option. Throws `invalid_option` for what is none. */
export function toPatterns(where: string, redact: unknown = []): readonly RegExp[] {
  const patterns = Array.isArray(redact) ? redact.map(toPattern) : [undefined];
  return patterns.map((pattern) => {
    if (pattern !== undefined) return pattern;
    const told = `${where}: redact must be a list of texts and of patterns with the flag g.`;
    throw new ThroughlineError('invalid_option', told);
  });
}

function toPattern(one: unknown): RegExp | undefined {
  if (typeof one === 'string' && one !== '') return exactly(one);
  return one instanceof RegExp && one.global ? one : undefined;
}
