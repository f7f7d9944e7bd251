import { dirname, resolve } from 'node:path';
import { checkOptions, Session, ThroughlineError } from '@throughline/core';
import type { SessionInfo, SessionStore } from '@throughline/core';
import { checkPath } from './check-path.ts';
import { isGone, tellOwner, thisProcess } from './owner.ts';
import type { Owner } from './owner.ts';
import { makePrivateFolder } from './private-file.ts';
import { nameOf } from './session-file.ts';
import { sharedDatabase } from './sqlite.ts';
import type { Database } from './sqlite.ts';
import { lastSeqOf, SqliteLog } from './sqlite-log.ts';
import { storageError } from './storage-error.ts';

export interface SqliteSessionsOptions {
  /** The database file; it is made if there is none. */
  readonly file: string;
  /** As with `fileSessions`. Default: true. */
  readonly sync?: boolean;
}

/**
 * Sessions in one SQLite file, for many small ones or for hosts that want to query them. Needs the package
 * `libsql` beside this one. A session is open in one process at a time. Throws `invalid_option` for bad options.
 */
export function sqliteSessions(options: SqliteSessionsOptions): SessionStore {
  checkOptions('sqliteSessions()', options, { file: true, sync: true });
  const { file: given, sync = true } = options;
  const file = resolve(checkPath('sqliteSessions()', 'file', given));
  const use = async <T>(what: string, work: (db: Database) => T): Promise<T> => {
    try {
      await makePrivateFolder(dirname(file));
      return work(sharedDatabase(file, sync));
    } catch (error) {
      throw storageError(what, file, error);
    }
  };
  const about = (what: string, id: string) => {
    nameOf(id); // refuses what is no id
    return `The session "${id}" cannot be ${what}`;
  };
  return {
    open: async (id) => Session.load(await use(about('opened', id), (db) => own(db, id))),
    async *read(id, fromSeq) {
      const log = await use(about('read', id), (db) => new SqliteLog(db, id, 'nobody'));
      yield* log.read(fromSeq);
    },
    list: async () => use('The sessions cannot be listed', (db) => list(db)),
    info: async (id) => use(about('looked at', id), (db) => list(db, id)[0]),
    fork: async (id, newId, { seq } = {}) => {
      about('forked', newId);
      await use(about('forked', id), (db) =>
        db.transaction(() => fork(db, { id, seq }, newId)).immediate(),
      );
    },
    delete: async (id) =>
      use(about('deleted', id), (db) => db.transaction(() => remove(db, id)).immediate()),
  };
}

/** Makes this process the owner. */
function own(db: Database, id: string): SqliteLog {
  const token = crypto.randomUUID();
  db.transaction(() => {
    refuseOwned(db, id);
    db.prepare('INSERT OR REPLACE INTO owners (session, token, owner) VALUES (?, ?, ?)').run(
      id,
      token,
      JSON.stringify(thisProcess()),
    );
  }).immediate();
  return new SqliteLog(db, id, token);
}

function refuseOwned(db: Database, id: string): void {
  const row = db.prepare('SELECT owner FROM owners WHERE session = ?').get(id);
  if (row === undefined) return;
  const owner = JSON.parse((row as { readonly owner: string }).owner) as Owner;
  if (isGone(owner)) return;
  throw new ThroughlineError(
    'session_locked',
    `The session "${id}" is open in ${tellOwner(owner)}. Close it there first.`,
  );
}

interface ListRow {
  readonly id: string;
  readonly changed_at: number;
  readonly parent: string | null;
  readonly parent_seq: number | null;
  readonly bytes: number;
}

/** All sessions, the last changed first, or one. */
function list(db: Database, one?: string): readonly SessionInfo[] {
  const rows = db
    .prepare(
      'SELECT id, changed_at, parent, parent_seq, (SELECT coalesce(sum(length(event)), 0) FROM lines WHERE session = id) AS bytes ' +
        `FROM sessions ${one === undefined ? '' : 'WHERE id = ? '}ORDER BY changed_at DESC`,
    )
    .all(...(one === undefined ? [] : [one])) as readonly ListRow[];
  return rows.map(({ id, changed_at: changedAtMs, parent, parent_seq: seq, bytes }) => ({
    id,
    changedAtMs,
    bytes,
    ...(parent === null || seq === null ? {} : { parent: { id: parent, seq } }),
  }));
}

function fork(
  db: Database,
  { id, seq: given }: { readonly id: string; readonly seq: number | undefined },
  newId: string,
): void {
  checkFound(db, id);
  refuseOwned(db, newId);
  const last = lastSeqOf(db, id);
  const seq = given ?? last;
  if (!Number.isInteger(seq) || seq < 1 || seq > last) {
    throw new ThroughlineError(
      'invalid_input',
      `The session "${id}" cannot be forked at line ${seq}: it has the lines 1 to ${last}.`,
    );
  }
  if (db.prepare('SELECT 1 FROM sessions WHERE id = ?').get(newId) !== undefined) {
    throw new ThroughlineError('session_exists', `There is a session "${newId}" already.`);
  }
  db.prepare('INSERT INTO sessions (id, changed_at, parent, parent_seq) VALUES (?, ?, ?, ?)').run(
    newId,
    Date.now(),
    id,
    seq,
  );
}

function remove(db: Database, id: string): void {
  checkFound(db, id);
  refuseOwned(db, id);
  const child = db.prepare('SELECT id FROM sessions WHERE parent = ?').get(id);
  if (child !== undefined) {
    throw new ThroughlineError(
      'session_in_use',
      `The session "${id}" cannot be deleted: "${(child as { id: string }).id}" is forked from it. Delete that one first.`,
    );
  }
  db.prepare('DELETE FROM lines WHERE session = ?').run(id);
  db.prepare('DELETE FROM sessions WHERE id = ?').run(id);
  db.prepare('DELETE FROM owners WHERE session = ?').run(id);
}

function checkFound(db: Database, id: string): void {
  if (db.prepare('SELECT 1 FROM sessions WHERE id = ?').get(id) !== undefined) return;
  throw new ThroughlineError('session_not_found', `There is no session "${id}".`);
}
