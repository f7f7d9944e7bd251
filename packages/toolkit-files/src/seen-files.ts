import { createHash } from 'node:crypto';
import type { CallScope } from '@throughline/core';

/** So many runs are remembered, and of each so many files; the oldest are forgotten. */
const mostRuns = 200;
const mostFiles = 20_000;

/**
 * What each run has read: a hash of a file's bytes, by its real path. Owns whether a run knows a file as it is now. A run knows nothing of
 * what another has read, and after it is resumed in another process it has to read again.
 */
export class SeenFiles {
  readonly #runs = new Map<string, Map<string, string>>();

  note(run: string, real: string, bytes: Uint8Array): void {
    const files = this.#runs.get(run) ?? new Map<string, string>();
    this.#runs.delete(run); // the newest stand last
    this.#runs.set(run, files);
    files.delete(real);
    files.set(real, hashOf(bytes));
    forgetOldest(this.#runs, mostRuns);
    forgetOldest(files, mostFiles);
  }

  /** The hash of the file's bytes as this run has read or written them last. */
  hash(run: string, real: string): string | undefined {
    return this.#runs.get(run)?.get(real);
  }

  /** What was read of a file holds for it under its new path, in every run. */
  moved(from: string, to: string): void {
    for (const files of this.#runs.values()) {
      const hash = files.get(from);
      files.delete(from);
      if (hash !== undefined) files.set(to, hash);
    }
  }
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** The run of a call: the key of a call is its run, step and place. */
export function runOf({ idempotencyKey }: Pick<CallScope, 'idempotencyKey'>): string {
  return idempotencyKey.replace(/\/\d+\/call\/\d+$/, '');
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
