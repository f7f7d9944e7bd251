import { createHash } from 'node:crypto';

/** A short stand-in for a text: it is kept and compared where the text itself would take too much memory. */
export function hashOf(text: string): string {
  return createHash('sha1').update(text).digest('base64');
}
