import { ModelError } from '@throughline/core';

/**
 * What is wrong with a cassette. It is a ModelError that is not retryable, so that a transport hands it on as it is and asks nothing
 * again.
 */
export function trouble(words: string, cause?: unknown): ModelError {
  return new ModelError('cassette', words, cause === undefined ? {} : { cause });
}
