import type { Row, RowsAnswer } from '../src/shown.ts';

/** So many rows are asked for at once. */
export const chunk = 200;

/**
 * The rows of the open session, as far as they are here. They come in two ways: a chunk is asked for, and changes are told. What was
 * told while a chunk was asked for is newer than the answer; and what was asked for before changes are told may be older than them.
 */
export class RowStore {
  readonly #rows = new Map<number, Row>();
  /** The chunks that were asked for since changes are told. */
  readonly #read = new Set<number>();
  /** The chunks that are under way, each with the rows that were told of meanwhile. */
  readonly #asked = new Map<number, Set<number>>();

  at(index: number): Row | undefined {
    return this.#rows.get(index);
  }

  /** Changes are told from now on, or were not told for a while: each chunk is to be asked for once more. */
  readAgain(): void {
    this.#read.clear();
    this.#asked.clear();
  }

  tell(changed: readonly (readonly [number, Row])[]): void {
    for (const [index, row] of changed) {
      this.#rows.set(index, row);
      this.#asked.get(Math.floor(index / chunk) * chunk)?.add(index);
    }
  }

  /** Whether the chunk that begins here is to be asked for. Nothing is known of a session that was just opened: `total` is 0. */
  isWanted(from: number, total: number): boolean {
    if (this.#asked.has(from)) return false;
    if (!this.#read.has(from) || total === 0) return true;
    for (let index = from; index < Math.min(from + chunk, total); index++) {
      if (!this.#rows.has(index)) return true;
    }
    return false;
  }

  /** Asks for a chunk. Rows that came by another way meanwhile stay. */
  async read(from: number, ask: () => Promise<RowsAnswer>): Promise<RowsAnswer> {
    const told = new Set<number>();
    this.#asked.set(from, told);
    const isLatest = () => this.#asked.get(from) === told;
    try {
      const answer = await ask();
      for (const [place, row] of answer.rows.entries()) {
        const index = answer.from + place;
        if (isLatest() ? !told.has(index) : !this.#rows.has(index)) this.#rows.set(index, row);
      }
      if (isLatest()) this.#read.add(from);
      return answer;
    } finally {
      if (isLatest()) this.#asked.delete(from);
    }
  }
}
