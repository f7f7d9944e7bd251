import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { SessionInfo } from '@throughline/core';
import { fileSessions } from '@throughline/sessions';
import type { FileSessions } from '@throughline/sessions';
import type { Host } from '../command.ts';
import { UsageError } from '../usage-error.ts';

/** The sessions of a folder. */
export interface SessionFolder {
  readonly dir: string;
  readonly store: FileSessions;
}

/** The folder that `--folder` names, or `.throughline/sessions` of the current one. Nothing is made before a session is. */
export function sessionFolder(given: string | undefined, host: Host): SessionFolder {
  const dir = resolve(host.cwd, given ?? join('.throughline', 'sessions'));
  return { dir, store: fileSessions({ dir }) };
}

/** Makes the default folder, and keeps it out of git: conversations hold what files hold. */
export async function prepareFolder(given: string | undefined, host: Host): Promise<void> {
  if (given !== undefined) return;
  const home = join(host.cwd, '.throughline');
  await mkdir(home, { mode: 0o700 }).catch(unlessThere);
  await writeFile(join(home, '.gitignore'), '*\n', { flag: 'wx' }).catch(unlessThere);
}

function unlessThere(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
}

/** All sessions, the one that changed last first. */
export async function newestFirst({ store }: SessionFolder): Promise<readonly SessionInfo[]> {
  return [...(await store.list())].sort((a, b) => b.changedAtMs - a.changedAtMs);
}

/** The session that `--session` names, the last one with `--continue`, else a new one. */
export async function chooseSession(
  folder: SessionFolder,
  choice: { readonly session?: string | undefined; readonly continue?: boolean | undefined },
): Promise<string> {
  if (choice.session !== undefined && choice.continue) {
    throw new UsageError('--session and --continue each name a session: give one of them.');
  }
  if (choice.session !== undefined) return choice.session;
  if (!choice.continue) return newSessionId();
  const [last] = await newestFirst(folder);
  if (last !== undefined) return last.id;
  throw new UsageError(`There is no session to continue in ${folder.dir}.`);
}

/** A session that is there. Throws a `UsageError` for one that is not, so that a wrong name makes no new one. */
export async function checkSession({ store, dir }: SessionFolder, id: string): Promise<string> {
  const known = await store.list();
  if (known.some((session) => session.id === id)) return id;
  throw new UsageError(`There is no session "${id}" in ${dir}. throughline sessions lists them.`);
}

/** An id that sorts by time and that a person can type. */
export function newSessionId(): string {
  const now = new Date();
  const two = (number: number) => String(number).padStart(2, '0');
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  const time = [now.getHours(), now.getMinutes()].map(two).join('');
  return `${day}-${time}-${randomBytes(2).toString('hex')}`;
}
