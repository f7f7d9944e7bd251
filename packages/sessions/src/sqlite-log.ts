import { ThroughlineError } from '@throughline/core';
import type { SessionLine, SessionLog } from '@throughline/core';
import { GroupCommit } from './sqlite-commits.ts';
import type { Database } from './sqlite.ts';
import { codeOf, storageError } from './storage-error.ts';

/** One row of the table of lines. */
interface Row {
  readonly seq: number;
  readonly v: number;
  readonly run_id: string;
  readonly key: string;
  readonly event: string;
}

interface Origin {
  readonly parent: string | null;
  readonly parent_seq: number | null;
}

/** Appends lines with the texts of their events. Throws where the log has another end than `lastSeq`. */
type Append = (lastSeq: number, lines: readonly SessionLine[], texts: readonly string[]) => void;

/** How many rows are in memory at a time. */
const pageRows = 500;

/** A session's log in the tables. The caller owns the session by `token`. */
export class SqliteLog implements SessionLog {
  readonly id: string;
  readonly #db: Database;
  readonly #token: string;
  #closed = false;
  /** Prepared once: to prepare a statement costs more than to run it. */
  #append: Append | undefined;
  inheritedSeq = 0;

  constructor(db: Database, id: string, token: string) {
    this.id = id;
    this.#db = db;
    this.#token = token;
    const origin = db.prepare('SELECT parent, parent_seq FROM sessions WHERE id = ?').get(id) as
      | Origin
      | undefined;
    this.inheritedSeq = origin?.parent_seq ?? 0;
  }

  async *read(fromSeq = 1): AsyncGenerator<readonly SessionLine[]> {
    try {
      yield* linesOf(this.#db, { id: this.id, from: fromSeq, to: Number.MAX_SAFE_INTEGER });
    } catch (error) {
      throw storageError(`The session "${this.id}" cannot be read`, this.#db.name, error);
    }
  }

  async append(lastSeq: number, lines: readonly SessionLine[]): Promise<void> {
    if (this.#closed) {
      throw new ThroughlineError('session_closed', `The session "${this.id}" is closed.`);
    }
    try {
      const append = (this.#append ??= this.#prepare());
      const texts = lines.map(({ event }) => JSON.stringify(event));
      await GroupCommit.of(this.#db).add(() => append(lastSeq, lines, texts));
    } catch (error) {
      if (codeOf(error)?.startsWith('SQLITE_CONSTRAINT')) throw this.#conflict();
      throw storageError(`The session "${this.id}" cannot be written`, this.#db.name, error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { id } = this;
    this.#db.prepare('DELETE FROM owners WHERE session = ? AND token = ?').run(id, this.#token);
    // Moves what is in the write-ahead log to the database, as far as no reader of another process is in the way.
    this.#db.pragma('wal_checkpoint(PASSIVE)');
  }

  /** What appends, inside a transaction. */
  #prepare(): Append {
    const { id } = this;
    const db = this.#db;
    const owner = db.prepare('SELECT token FROM owners WHERE session = ?');
    const last = db.prepare(lastSeqQuery);
    const touch = db.prepare(
      'INSERT INTO sessions (id, changed_at) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET changed_at = excluded.changed_at',
    );
    const insert = db.prepare(
      'INSERT INTO lines (session, seq, v, run_id, key, event) VALUES (?, ?, ?, ?, ?, ?)',
    );
    return (lastSeq, lines, texts) => {
      const { token } = (owner.get(id) ?? {}) as { readonly token?: string };
      const { seq: known } = last.get(id, id) as { readonly seq: number };
      if (token !== this.#token || known !== lastSeq) throw this.#conflict();
      touch.run(id, Date.now());
      for (const [at, { seq, v, runId, key }] of lines.entries()) {
        insert.run(id, seq, v, runId, key, texts[at] ?? '');
      }
    };
  }

  #conflict(): ThroughlineError {
    return new ThroughlineError(
      'session_conflict',
      `Somebody else has written to the session "${this.id}" since it was opened, or taken it over. Open it again.`,
    );
  }
}

const lastSeqQuery =
  'SELECT coalesce((SELECT max(seq) FROM lines WHERE session = ?), (SELECT parent_seq FROM sessions WHERE id = ?), 0) AS seq';

/** The number of the last line, a parent's included; 0 where there is none. */
export function lastSeqOf(db: Database, id: string): number {
  const row = db.prepare(lastSeqQuery).get(id, id) as { readonly seq: number };
  return row.seq;
}

function* linesOf(
  db: Database,
  { id, from, to }: { readonly id: string; readonly from: number; readonly to: number },
  children: readonly string[] = [],
): Generator<readonly SessionLine[]> {
  if (children.includes(id)) {
    throw new ThroughlineError(
      'session_corrupt',
      `The session "${id}" is a fork of itself. Nothing was changed.`,
    );
  }
  const origin = db.prepare('SELECT parent, parent_seq FROM sessions WHERE id = ?').get(id) as
    | Origin
    | undefined;
  if (origin?.parent != null && from <= (origin.parent_seq ?? 0)) {
    const parent = { id: origin.parent, from, to: Math.min(to, origin.parent_seq ?? 0) };
    yield* linesOf(db, parent, [...children, id]);
  }
  const page = db.prepare(
    'SELECT seq, v, run_id, key, event FROM lines WHERE session = ? AND seq >= ? AND seq <= ? ORDER BY seq LIMIT ?',
  );
  for (let next = from; ;) {
    const rows = page.all(id, next, to, pageRows) as readonly Row[];
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map((row) => toLine(row, id));
    next = last.seq + 1;
  }
}

function toLine({ seq, v, run_id: runId, key, event }: Row, id: string): SessionLine {
  try {
    return { seq, v: v as SessionLine['v'], runId, key, event: JSON.parse(event) as never };
  } catch (cause) {
    throw new ThroughlineError(
      'session_corrupt',
      `Line ${seq} of the session "${id}" is not JSON (${(cause as Error).message}). Nothing was changed.`,
    );
  }
}
