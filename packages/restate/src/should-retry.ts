import { defaultShouldRetry } from '@restatedev/restate-sdk-clients';
import type { RetryFailure } from '@restatedev/restate-sdk-clients';

/** A server that has just been started takes requests a moment before it knows its workers again. */
export function shouldRetry(failure: RetryFailure): boolean {
  const isStarting = failure.kind === 'response' && isUnregistered(failure.status, failure.body);
  return isStarting || defaultShouldRetry(failure);
}

/** Whether a response says that no worker serves the agent. */
export function isUnregistered(status: number, body = ''): boolean {
  return status === 404 && /service .* not found/.test(body);
}
