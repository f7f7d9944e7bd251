import { TerminalError } from '@restatedev/restate-sdk';
import { toFailure } from './failure.ts';
import type { Failure } from './failure.ts';

/** The end of an invocation: Restate does not try it again. What is told of it is in its metadata, for `failureIn` of the client. */
export function terminal(failure: Failure): TerminalError {
  return new TerminalError(failure.message, {
    errorCode: statusOf(failure),
    metadata: { throughline: JSON.stringify(failure) },
  });
}

/** What is wrong with a request does not become right by trying again. */
export function orTerminal<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw terminal(toFailure(error));
  }
}

/** Whether an error was made by `terminal`, here or in another process. */
export function isTold({ metadata }: TerminalError): boolean {
  return metadata?.['throughline'] !== undefined;
}

function statusOf({ code }: Failure): number {
  if (code === 'aborted' || code === 'not_pending' || code === 'already_ended') return 409;
  return code.startsWith('invalid_') ? 400 : 500;
}
