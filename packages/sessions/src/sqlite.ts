import { createRequire } from 'node:module';
import { ThroughlineError } from '@throughline/core';

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

/** Opens the database, with our tables in it. Another process that writes is waited for, five seconds at most. */
export function openDatabase(file: string, sync: boolean): Database {
  const Libsql = load();
  const db = new Libsql(file, { timeout: 5_000 });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${sync ? 'FULL' : 'OFF'}`);
    const [row] = db.pragma('user_version') as [{ readonly user_version: number }];
    const { user_version: version } = row;
    if (version > 1) {
      throw new ThroughlineError(
        'session_version',
        `${file} is of version ${version}; this release reads version 1. Update it. Nothing was changed.`,
      );
    }
    if (version === 0) db.exec(`BEGIN IMMEDIATE; ${schema} PRAGMA user_version = 1; COMMIT;`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
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
