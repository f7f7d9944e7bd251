import type { Database } from './sqlite.ts';

interface Waiting {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const byDatabase = new WeakMap<Database, GroupCommit>();

/**
 * What the sessions of this process write to one database, committed together: all that comes in one turn of the event loop
 * shares a transaction and its sync, which would stop the process once for each of them.
 */
export class GroupCommit {
  readonly #commit: (all: readonly Waiting[]) => void;
  #waiting: Waiting[] = [];
  /** The one whose write is under way. */
  #writing: Waiting | undefined;

  private constructor(db: Database) {
    const transaction = db.transaction((all: readonly Waiting[]) => {
      for (const one of all) {
        this.#writing = one;
        one.write();
      }
      this.#writing = undefined;
    });
    this.#commit = (all) => transaction.immediate(all);
  }

  static of(db: Database): GroupCommit {
    const known = byDatabase.get(db) ?? new GroupCommit(db);
    byDatabase.set(db, known);
    return known;
  }

  /** Resolves once what `write` writes is committed. Rejects with what it throws, and then nothing of it is. */
  add(write: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#commitAll());
    });
  }

  #commitAll(): void {
    let all: readonly Waiting[] = this.#waiting;
    this.#waiting = [];
    while (all.length > 0) {
      this.#writing = undefined;
      try {
        this.#commit(all);
        for (const { resolve } of all) resolve();
        return;
      } catch (error) {
        const faulty = this.#writing as Waiting | undefined;
        // The database itself failed: nothing of it is known to be kept, and it is not tried again.
        for (const one of all) if (faulty === undefined || one === faulty) one.reject(error);
        all = faulty === undefined ? [] : all.filter((one) => one !== faulty);
      }
    }
  }
}
