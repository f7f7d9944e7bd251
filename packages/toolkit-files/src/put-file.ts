import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { link, lstat, open, readdir, rename, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { ToolError } from '@throughline/core';
import { insideOf } from './opened.ts';
import type { Place } from './place.ts';
import { hashOf } from './seen-files.ts';
import { codeOf, inWords, shown } from './trouble.ts';
import { allBytes } from './whole-text.ts';

// Owns how bytes become a file: all of them or none, whenever the process dies. Does not own whether they may.

const { O_WRONLY, O_RDONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/** Processes of another machine or container may share the folder; theirs are left alone. */
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** Whether a name is that of a file that is being written. No tool shows it. */
export function isTemporary(name: string): boolean {
  return /^\.throughline-[0-9a-f]{8}-\d+-[0-9a-f]{12}\.tmp$/.test(name);
}

/** Where a file is to be. */
export interface Target {
  readonly folder: Place;
  readonly name: string;
  /** As the model knows it. */
  readonly path: string;
}

/** What stands at the target, and must still stand there when the new bytes take its place. */
export interface Replaced {
  readonly hash: string;
  readonly stats: Stats;
}

/**
 * Writes a file beside its place, and puts it there in one step: a reader finds the old bytes or the new ones. Where `replaced` is not
 * given the file must be new. Throws ToolErrors, and then nothing has changed.
 */
export async function putFile(
  target: Target,
  bytes: Uint8Array,
  replaced: Replaced | undefined,
  signal: AbortSignal,
): Promise<void> {
  const temporary = `.throughline-${host}-${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
  await insideOf(target.folder, async (at) => {
    await sweep(at);
    try {
      await writeAside(at(temporary), bytes, replaced?.stats);
      signal.throwIfAborted();
      if (replaced === undefined) await link(at(temporary), at(target.name));
      else {
        await mustBe(at(target.name), replaced.hash, target.path);
        await rename(at(temporary), at(target.name));
      }
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw inWords(error, target.path, 'written');
      throw new ToolError(
        `${shown(target.path)} is there already, or was made meanwhile. Read it first.`,
      );
    } finally {
      await unlink(at(temporary)).catch(() => {}); // it is gone where it was renamed
    }
    await keepNames(at);
  });
}

/** A replaced file gives its mode and owner to the one that takes its place. */
async function writeAside(path: string, bytes: Uint8Array, like: Stats | undefined) {
  const handle = await open(
    path,
    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
    (like?.mode ?? 0o666) & 0o777,
  );
  try {
    await handle.writeFile(bytes);
    if (like !== undefined) {
      await keepOwner(handle, like);
      // Not the bits to run as its owner or group: the system takes these away as well where a file is written to.
      await handle.chmod(like.mode & 0o1777);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Only the superuser can give a file away; for all others it is theirs already, or it cannot be helped. */
async function keepOwner(handle: FileHandle, { uid, gid }: Stats): Promise<void> {
  const own = await handle.stat();
  if (own.uid === uid && own.gid === gid) return;
  await handle.chown(uid, gid).catch(() => {});
}

/** Another process may have written since the file was read. */
async function mustBe(at: string, hash: string, path: string): Promise<void> {
  const handle = await open(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const bytes = await allBytes(handle);
    if (bytes !== undefined && hashOf(bytes) === hash) return;
    throw new ToolError(
      `${shown(path)} was changed meanwhile. Nothing was written: read it again.`,
    );
  } finally {
    await handle.close();
  }
}

/** What a process of this machine left that died while it wrote. */
async function sweep(at: (name: string) => string): Promise<void> {
  for (const name of await readdir(at('.'))) {
    const pid = Number(new RegExp(`^\\.throughline-${host}-(\\d+)-`).exec(name)?.[1]);
    if (!isTemporary(name)) continue;
    if (isDead(pid) || (pid === process.pid && (await isOfOneBefore(at(name))))) {
      await unlink(at(name)).catch(() => {});
    }
  }
}

/** In a container that starts again the new process often has the number of the one that died. */
async function isOfOneBefore(temporary: string): Promise<boolean> {
  const startedMs = Date.now() - process.uptime() * 1_000;
  const found = await lstat(temporary).catch(() => undefined); // it is gone by now
  return found !== undefined && found.mtimeMs < startedMs;
}

function isDead(pid: number): boolean {
  try {
    return !process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

/** A new name is on the disk only once its folder is. Not every system lets a folder be opened and synced. */
async function keepNames(at: (name: string) => string): Promise<void> {
  const handle = await open(at('.'), O_RDONLY).catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
