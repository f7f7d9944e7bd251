import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';

/** What keeps this process busy: handles and timers by kind, and child processes (seen on Linux only). */
export type Leftovers = ReadonlyMap<string, number>;

export function leftoversNow(): Leftovers {
  const found = new Map<string, number>();
  for (const kind of [...process.getActiveResourcesInfo(), ...children()]) {
    found.set(kind, (found.get(kind) ?? 0) + 1);
  }
  return found;
}

const pauseMs = 50;

/** Resolves once nothing is there that was not there before. What was closed may take a moment to go: at most `mostMs`. */
export async function nothingSince(before: Leftovers, mostMs: number): Promise<void> {
  let more: readonly string[] = [];
  for (let waitedMs = 0; waitedMs < mostMs; waitedMs += pauseMs) {
    more = [...leftoversNow()].flatMap(([kind, count]) => {
      const added = count - (before.get(kind) ?? 0);
      return added > 0 ? [`${added} × ${kind}`] : [];
    });
    if (more.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  assert.fail(`It leaves behind: ${more.join(', ')}.`);
}

function children(): readonly string[] {
  if (process.platform !== 'linux') return [];
  const ids = readdirSync('/proc/self/task').flatMap((task) =>
    read(`/proc/self/task/${task}/children`).split(' '),
  );
  return ids
    .filter((id) => id.trim() !== '')
    .map((id) => `child process ${id} (${read(`/proc/${id}/comm`).trim()})`);
}

/** Empty where the process has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
