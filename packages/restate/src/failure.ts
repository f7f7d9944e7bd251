import { ModelError, ThroughlineError } from '@throughline/core';
import type { ErrorCode, ModelErrorCode } from '@throughline/core';

/** An error as it is recorded: with its words, and without its stack or its cause. */
export interface Failure {
  readonly code: ErrorCode | 'aborted' | 'error';
  readonly message: string;
  /** What a caller may act on where the model could not be asked. */
  readonly model?: {
    readonly status?: number;
    readonly retryable: boolean;
    readonly retryAfterMs?: number;
    readonly requestId?: string;
  };
}

export function toFailure(error: unknown): Failure {
  if (error instanceof ModelError) {
    const { code, message, retryable, status, retryAfterMs, requestId } = error;
    const facts = {
      ...(status !== undefined && { status }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(requestId !== undefined && { requestId }),
    };
    return { code, message, model: { retryable, ...facts } };
  }
  if (error instanceof ThroughlineError) return { code: error.code, message: error.message };
  return { code: 'error', message: error instanceof Error ? error.message : String(error) };
}

/** The typed error that was recorded. An abort is the `AbortError` of the platform. */
export function toError({ code, message, model }: Failure): Error {
  if (code === 'aborted') return new DOMException(message, 'AbortError');
  if (code === 'error') return new Error(message);
  if (model !== undefined) return new ModelError(code as ModelErrorCode, message, model);
  return new ThroughlineError(code, message);
}
