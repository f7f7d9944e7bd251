import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkOptions, Session, ThroughlineError } from '@throughline/core';
import type { SessionInfo, SessionLine, SessionStore } from '@throughline/core';
import { checkPath } from './check-path.ts';
import { storedLines } from './file-lines.ts';
import type { StoredLines, TailOptions } from './file-lines.ts';
import { FileLog, headerOf } from './file-log.ts';
import { holderOf, takeLock } from './lock.ts';
import type { Lock } from './lock.ts';
import { makePrivateFolder, openPrivate } from './private-file.ts';
import { lastLine } from './read-lines.ts';
import { fileInfo, largeOf, listFiles, nameOf, pathOf, readHeader } from './session-file.ts';
import type { Header } from './session-file.ts';
import { codeOf, storageError } from './storage-error.ts';
import { syncFolder } from './sync-folder.ts';

export interface FileSessionsOptions {
  /** The folder; it is made with the first session. */
  readonly dir: string;
  /**
   * Whether a line is on the disk itself before it is acknowledged (`fdatasync`, shared by lines that come at
   * the same time). Default: true. Without it a killed process loses nothing, a power failure may.
   */
  readonly sync?: boolean;
}

/** A store whose sessions can also be looked at while another process has them open. */
export interface FileSessions extends SessionStore {
  read(id: string, fromSeq?: number): AsyncIterable<readonly SessionLine[]>;
  info(id: string): Promise<SessionInfo | undefined>;
  /**
   * The stored lines in batches, a parent's first, each with the byte where it ends, from which a later call goes on. Takes no lock and
   * changes nothing; a line that is not whole yet is not told. Throws `session_not_found`, and `session_corrupt` for what is not JSON. The
   * caller checks the events: nothing is folded here.
   */
  tail(id: string, options?: TailOptions): AsyncIterable<StoredLines>;
  /** Which living process has the session open, in words; undefined where none has. */
  holder(id: string): Promise<string | undefined>;
}

/**
 * Sessions as files: one append-only JSON Lines file for each, which a person can read, and beside it what is
 * too large for a line. A session is open in one process at a time. Throws `invalid_option` for bad options.
 */
export function fileSessions(options: FileSessionsOptions): FileSessions {
  checkOptions('fileSessions()', options, { dir: true, sync: true });
  const { dir: given, sync = true } = options;
  const dir = resolve(checkPath('fileSessions()', 'dir', given));
  const about =
    (what: string, id: string) =>
    <T>(work: Promise<T>) =>
      work.catch((error: unknown) => {
        throw storageError(`The session "${id}" cannot be ${what}`, pathOf(dir, id), error);
      });
  return {
    open: (id) => about('opened', id)(openFile(dir, id, sync)),
    read: (id, fromSeq = 1) => readFrom(dir, id, fromSeq),
    list: async () => {
      try {
        return await listFiles(dir);
      } catch (error) {
        throw storageError('The sessions cannot be listed', dir, error);
      }
    },
    info: async (id) => fileInfo(dir, id),
    fork: (id, newId, options = {}) =>
      about('forked', id)(fork(dir, { id, ...options }, newId, sync)),
    tail: (id, options) => storedLines({ dir, id }, options),
    holder: (id) => about('looked at', id)(holderOf(join(dir, '.locks'), nameOf(id))),
    delete: (id) => about('deleted', id)(remove(dir, id)),
  };
}

async function openFile(dir: string, id: string, sync: boolean): Promise<Session> {
  const lock = await lockOf(dir, id);
  let log: FileLog;
  try {
    const header = await readHeader(pathOf(dir, id), id);
    log = new FileLog({ dir, id, sync, lock, header });
    if (header === undefined) await checkEmpty(dir, id);
  } catch (error) {
    await lock.release();
    throw error;
  }
  return Session.load(log);
}

/** What is being written meanwhile is not told: a line counts once it is whole. */
async function* readFrom(dir: string, id: string, fromSeq: number) {
  try {
    for await (const { lines } of storedLines({ dir, id }, { fromSeq })) {
      yield lines.filter((line) => line?.seq >= fromSeq);
    }
  } catch (error) {
    if (!(error instanceof ThroughlineError && error.code === 'session_not_found')) throw error;
  }
}

/** A file without one whole line is the beginning of a header, cut by a crash; or it is none of ours. */
async function checkEmpty(dir: string, id: string): Promise<void> {
  const path = pathOf(dir, id);
  const file = await openPrivate(path, 'read').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return;
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(8 * 1024), position: 0 });
    const text = buffer.toString('latin1', 0, bytesRead);
    const begin = '{"throughline":"session"';
    const isBegin = begin.startsWith(text.slice(0, begin.length)) || /^\0*$/.test(text);
    if (isBegin && (await file.stat()).size <= buffer.length) return;
  } finally {
    await file.close();
  }
  const words = `${path} does not begin as a session does. Nothing was changed.`;
  throw new ThroughlineError('session_corrupt', words);
}

async function fork(
  dir: string,
  from: { readonly id: string; readonly seq?: number },
  newId: string,
  sync: boolean,
): Promise<void> {
  const { id } = from;
  const header = await readHeader(pathOf(dir, id), id);
  if (header === undefined) throw notFound(id);
  const last = await lastSeq(dir, header);
  const { seq = last } = from;
  if (!Number.isInteger(seq) || seq < 1 || seq > last) {
    throw new ThroughlineError(
      'invalid_input',
      `The session "${id}" cannot be forked at line ${seq}: it has the lines 1 to ${last}.`,
    );
  }
  const lock = await lockOf(dir, newId);
  try {
    const file = await openPrivate(pathOf(dir, newId), 'make');
    try {
      await file.writeFile(headerOf(newId, { id, seq }));
      if (sync) await file.sync();
    } finally {
      await file.close();
    }
    if (sync) await syncFolder(dir);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new ThroughlineError('session_exists', `There is a session "${newId}" already.`);
  } finally {
    await lock.release();
  }
}

/** The number of the last whole line, found from the end of the file. */
async function lastSeq(dir: string, { id, parent }: Header): Promise<number> {
  const path = pathOf(dir, id);
  const text = (await lastLine(path)) ?? '{}';
  try {
    const line = JSON.parse(text) as { readonly seq?: number } | null;
    return line?.seq ?? parent?.seq ?? 0;
  } catch (cause) {
    const words = `The last line of ${path} is not JSON. Nothing was changed.`;
    throw new ThroughlineError('session_corrupt', words, { cause });
  }
}

async function remove(dir: string, id: string): Promise<void> {
  const lock = await lockOf(dir, id);
  try {
    if ((await readHeader(pathOf(dir, id), id)) === undefined) throw notFound(id);
    const child = (await listFiles(dir)).find(({ parent }) => parent?.id === id);
    if (child !== undefined) {
      throw new ThroughlineError(
        'session_in_use',
        `The session "${id}" cannot be deleted: "${child.id}" is forked from it. Delete that one first.`,
      );
    }
    await rm(pathOf(dir, id));
    await rm(largeOf(dir, id), { recursive: true, force: true });
  } finally {
    await lock.release();
  }
}

async function lockOf(dir: string, id: string): Promise<Lock> {
  const name = nameOf(id);
  await makePrivateFolder(dir);
  return takeLock(join(dir, '.locks'), name, id);
}

function notFound(id: string): ThroughlineError {
  return new ThroughlineError('session_not_found', `There is no session "${id}".`);
}
