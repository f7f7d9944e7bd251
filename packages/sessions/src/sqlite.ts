import { closeSync, openSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ThroughlineError } from '@throughline/core';
import { checkWal } from './check-wal.ts';

/** What is used of a database; `libsql` and `better-sqlite3` have it. */
export interface Database {
  readonly name: string;
  prepare(sql: string): Statement;
  exec(sql: string): unknown;
  pragma(text: string): unknown;
  transaction<About extends readonly unknown[]>(
    work: (...about: About) => void,
  ): { immediate(...about: About): void };
  close(): unknown;
}

interface Statement {
  run(...values: readonly (string | number)[]): unknown;
  get(...values: readonly (string | number)[]): unknown;
  all(...values: readonly (string | number)[]): unknown[];
}

const schema = `
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY, changed_at REAL NOT NULL, parent TEXT, parent_seq INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lines (
  session TEXT NOT NULL, seq INTEGER NOT NULL, v INTEGER NOT NULL, run_id TEXT NOT NULL, key TEXT NOT NULL,
  event TEXT NOT NULL, PRIMARY KEY (session, seq)
);
CREATE TABLE IF NOT EXISTS owners (
  session TEXT PRIMARY KEY, token TEXT NOT NULL, owner TEXT NOT NULL
) WITHOUT ROWID;
`;

interface Shared {
  readonly db: Database;
  /** Which file it has open: another one may stand under the same name now. */
  readonly inode: string;
}

const shared = new Map<string, Shared>();

/**
 * The database of a file, one connection for all of this process. It is kept: libsql holds a closed connection's files open until its
 * statements are collected, so opening it anew for each session would use up the file descriptors.
 */
export function sharedDatabase(file: string, sync: boolean): Database {
  const key = `${sync} ${file}`;
  const known = shared.get(key);
  if (known !== undefined && known.inode === inodeOf(file)) {
    versionOf(known.db, file);
    return known.db;
  }
  known?.db.close();
  const db = openDatabase(file, sync);
  shared.set(key, { db, inode: inodeOf(file) });
  return db;
}

function inodeOf(file: string): string {
  const facts = statSync(file, { bigint: true, throwIfNoEntry: false });
  return facts === undefined ? '' : `${facts.dev} ${facts.ino}`;
}

/** Opens the database, with our tables in it. Another process that writes is waited for, five seconds at most. */
function openDatabase(file: string, sync: boolean): Database {
  const Libsql = load();
  closeSync(openSync(file, 'a', 0o600)); // what is said in a session is for its owner alone, whatever the umask
  checkWal(file);
  const db = new Libsql(file, { timeout: 5_000 });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${sync ? 'FULL' : 'OFF'}`);
    if (versionOf(db, file) === 0)
      db.exec(`BEGIN IMMEDIATE; ${schema} PRAGMA user_version = 1; COMMIT;`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** 0 where our tables are not in it yet. Throws for a newer one. */
function versionOf(db: Database, file: string): number {
  const [row] = db.pragma('user_version') as [{ readonly user_version: number }];
  if (row.user_version <= 1) return row.user_version;
  throw new ThroughlineError(
    'session_version',
    `${file} is of version ${row.user_version}; this release reads version 1. Update it. Nothing was changed.`,
  );
}

function load(): new (file: string, options: { readonly timeout: number }) => Database {
  try {
    return createRequire(import.meta.url)('libsql') as ReturnType<typeof load>;
  } catch (cause) {
    throw new ThroughlineError(
      'invalid_option',
      'sqliteSessions needs the package "libsql", which is not installed. Install it: npm install libsql',
      { cause },
    );
  }
}
