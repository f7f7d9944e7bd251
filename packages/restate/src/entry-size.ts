import { ThroughlineError } from '@throughline/core';

/**
 * The most bytes of one entry of the journal. Restate takes messages of up to 32 MiB, and tries what is longer again for ever, so it must
 * never be given that.
 */
export const maxEntryBytes = 30 * 2 ** 20;

/** The error for what is larger. */
export function tooLarge(what: string, bytes: number): ThroughlineError {
  return new ThroughlineError(
    'session_storage',
    `${what} has ${bytes} bytes, more than Restate can keep (${maxEntryBytes}). Keep large data elsewhere, and return where it is.`,
  );
}

/** Throws where a value is larger. */
export function checkSize(what: string, value: unknown): void {
  const bytes = sizeOf(value);
  if (bytes > maxEntryBytes) throw tooLarge(what, bytes);
}

/** How many bytes a value has as JSON. */
export function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
