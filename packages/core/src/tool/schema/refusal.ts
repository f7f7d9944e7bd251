import { ThroughlineError } from '../../base/error.ts';

/** Runs a foreign library's code; what it throws becomes `invalid_schema`, in the words of `advice` where it has some. */
export function guarded<T>(
  subject: string,
  work: () => T,
  advice: () => string | undefined = () => undefined,
): T {
  try {
    return work();
  } catch (cause) {
    const reason = advice() ?? (cause instanceof Error ? cause.message : String(cause));
    throw refuse(subject, `cannot be described as JSON Schema: ${reason}`, { cause });
  }
}

/** The error for a schema that cannot be used. `subject` names its owner, e.g. `The input schema of tool "add"`. */
export function refuse(subject: string, reason: string, options?: ErrorOptions): ThroughlineError {
  return new ThroughlineError('invalid_schema', `${subject} ${reason}.`, options);
}
