import { ThroughlineError } from '@throughline/core';
import { glob } from './glob.ts';
import type { Matcher } from './glob.ts';

/** Reads the patterns of a host's option; a path fits when one of them does. Throws `invalid_option`. */
export function checkedGlobs(
  option: string,
  patterns: unknown,
  fold: (pattern: string) => string = (pattern) => pattern,
): Matcher {
  const refuse = (why: string, cause?: unknown) =>
    new ThroughlineError('invalid_option', `files: ${option} ${why}.`, { cause });
  if (!Array.isArray(patterns)) throw refuse('is not a list of globs');
  const matchers = patterns.map((pattern: unknown) => {
    if (typeof pattern !== 'string' || pattern === '') {
      throw refuse(`holds ${JSON.stringify(pattern)}, which is not a glob`);
    }
    try {
      return glob(fold(pattern));
    } catch (cause) {
      throw refuse(`holds ${JSON.stringify(pattern)}, which has too many alternatives`, cause);
    }
  });
  return (path) => matchers.some((fits) => fits(path));
}
