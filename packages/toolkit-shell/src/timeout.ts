import * as z from 'zod';

/** How long a command may run, in milliseconds: when the model names no time, and at most. */
export interface Timeouts {
  readonly timeoutMs: number;
  readonly maxTimeoutMs: number;
}

/** The argument that bounds one command. */
export function timeoutInput({ timeoutMs, maxTimeoutMs }: Timeouts): z.ZodDefault<z.ZodNumber> {
  return z
    .number()
    .positive()
    .max(maxTimeoutMs / 1000)
    .default(timeoutMs / 1000)
    .describe(
      'How many seconds it may run. When they are over it is ended, with all its processes.',
    );
}
