import { link, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ThroughlineError } from '@throughline/core';
import { isGone, tellOwner, thisProcess } from './owner.ts';
import type { Owner } from './owner.ts';
import { makePrivateFolder, openPrivate } from './private-file.ts';
import { codeOf } from './storage-error.ts';

/** Holds a session for this process. */
export interface Lock {
  release(): Promise<void>;
}

interface Held {
  readonly path: string;
  readonly number: number;
  readonly owner: Owner | undefined;
}

/**
 * Takes the lock `name` in `folder`, or rejects at once with `session_locked`, naming the owner. The lock of a
 * dead owner is taken over: each lock has a number, the next one is one higher, and only one process can make
 * it. So no lock is ever removed that somebody else may just have taken.
 */
export async function takeLock(folder: string, name: string, id: string): Promise<Lock> {
  await makePrivateFolder(folder);
  for (;;) {
    const before = await held(folder, name);
    refuse(before, id);
    const number = 1 + Math.max(0, ...before.map((lock) => lock.number));
    const path = join(folder, `${name}.${number}`);
    if (!(await make(folder, path))) continue; // somebody was faster
    const others = (await held(folder, name)).filter((lock) => lock.path !== path);
    try {
      refuse(others, id);
    } catch (error) {
      await remove(path);
      throw error;
    }
    for (const { path } of others) await remove(path);
    return { release: () => remove(path) };
  }
}

/** Which process holds the lock `name`, in words. Takes nothing. */
export async function holderOf(folder: string, name: string): Promise<string | undefined> {
  const locks = await held(folder, name).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []; // nobody has ever locked anything here
    throw error;
  });
  const owner = locks.find((lock) => lock.owner !== undefined && !isGone(lock.owner))?.owner;
  return owner === undefined ? undefined : tellOwner(owner);
}

/** Somebody would have to take a lock a million times a second for years. A longer number cannot be counted up. */
const mostDigits = 15;

function notOurs(path: string): ThroughlineError {
  return new ThroughlineError(
    'session_corrupt',
    `${path} is no lock that this package has made. Remove it. Nothing was changed.`,
  );
}

function refuse(locks: readonly Held[], id: string): void {
  for (const { owner, path } of locks) {
    if (owner === undefined || isGone(owner)) continue;
    throw new ThroughlineError(
      'session_locked',
      `The session "${id}" is open in ${tellOwner(owner)}. Close it there first. (If that is surely over, remove ${path}.)`,
    );
  }
}

async function held(folder: string, name: string): Promise<readonly Held[]> {
  const locks: Held[] = [];
  for (const file of await readdir(folder)) {
    const number = file.startsWith(`${name}.`) ? file.slice(name.length + 1) : '';
    if (!/^\d+$/.test(number)) continue;
    const path = join(folder, file);
    if (number.length > mostDigits) throw notOurs(path);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) locks.push({ path, number: Number(number), owner: toOwner(text) });
  }
  return locks;
}

/** A lock is made whole, so one that cannot be read is what a power failure left. */
function toOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner>;
    return typeof owner.pid === 'number' ? (owner as Owner) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the lock could be made. It appears under its name with all that is in it. */
async function make(folder: string, path: string): Promise<boolean> {
  const text = JSON.stringify(thisProcess());
  const draft = join(folder, `${crypto.randomUUID()}.new`);
  await write(draft, text);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // A file system without hard links.
    return await write(path, text).then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      },
    );
  } finally {
    await remove(draft);
  }
}

async function write(path: string, text: string): Promise<void> {
  const file = await openPrivate(path, 'make');
  await file.writeFile(text).finally(() => file.close());
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
}
