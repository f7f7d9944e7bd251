import { open } from 'node:fs/promises';

interface Turns {
  /** The sync under way. */
  running: Promise<void>;
  /** The one that begins after it: it keeps all names that stand now. */
  next?: Promise<void>;
}

const byFolder = new Map<string, Turns>();

/**
 * After this, the names that stand in the folder now are safe as well. Who asks while a sync is under way shares the next one, so
 * many sessions that begin at the same time wait for two.
 */
export function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return Promise.resolve(); // a folder cannot be opened there
  const turns = byFolder.get(folder);
  if (turns === undefined) return begin(folder);
  const again = () => begin(folder);
  return (turns.next ??= turns.running.then(again, again));
}

function begin(folder: string): Promise<void> {
  const turns: Turns = { running: sync(folder) };
  byFolder.set(folder, turns);
  const end = () => {
    if (turns.next === undefined) byFolder.delete(folder);
  };
  turns.running.then(end, end);
  return turns.running;
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
