import { ThroughlineError } from '@throughline/core';
import type { SessionInfo, SessionLine, SessionStore } from '@throughline/core';

/** Lines of a session as a reader without a lock gets them, and where a later read goes on. */
export interface LineBatch {
  readonly lines: readonly SessionLine[];
  readonly endsAt: number;
}

/** Where lines are read from, while any process may be writing. */
export interface LineSource {
  /** The lines in batches: all, or those behind the `endsAt` of an earlier read. */
  tail(id: string, options?: { readonly from?: number }): AsyncIterable<LineBatch>;
}

/** What the inspector needs of a store: to look at a session that another process has open. `fileSessions` has it. */
export interface InspectedSessions extends SessionStore, LineSource {
  /** Which living process has the session open, in words. */
  holder(id: string): Promise<string | undefined>;
  info(id: string): Promise<SessionInfo | undefined>;
}

/** Something that lines are added to, one after the other. */
export interface Fold {
  add(line: SessionLine): void;
}

/** Where a batch of lines begins, so that one line can be read without those before it. */
interface BatchStart {
  readonly from: number;
  readonly firstSeq: number;
}

/** Reads a session into a fold, and later only what was stored since. */
export class Reading<T extends Fold> {
  readonly fold: T;
  readonly #source: LineSource;
  readonly #id: string;
  readonly #starts: BatchStart[] = [];
  #endsAt = 0;
  #last: Promise<T> | undefined;

  constructor(source: LineSource, id: string, fold: T) {
    this.#source = source;
    this.#id = id;
    this.fold = fold;
  }

  /** Bytes of the session's file that were read. */
  get endsAt(): number {
    return this.#endsAt;
  }

  /** The fold as the last `refresh` leaves it. */
  latest(): Promise<T> {
    return this.#last ?? this.refresh();
  }

  /** The fold with all that is stored now. */
  refresh(): Promise<T> {
    const before = this.#last?.catch(() => {}) ?? Promise.resolve();
    this.#last = before.then(() => this.#read());
    return this.#last;
  }

  /** One stored line. It reads the batch that holds the line, not the whole file. */
  async line(seq: number): Promise<SessionLine> {
    const start = this.#starts.findLast(({ firstSeq }) => firstSeq <= seq);
    const from = start === undefined ? 0 : start.from;
    for await (const { lines } of this.#source.tail(this.#id, { from })) {
      const line = lines.find((one) => one?.seq === seq);
      if (line !== undefined) return checked(line, this.#id);
      if ((lines.at(-1)?.seq ?? 0) > seq) break;
    }
    throw new ThroughlineError('invalid_input', `The session "${this.#id}" has no line ${seq}.`);
  }

  async #read(): Promise<T> {
    for await (const { lines, endsAt } of this.#source.tail(this.#id, { from: this.#endsAt })) {
      const [first] = lines;
      if (first !== undefined && this.#endsAt > 0) {
        this.#starts.push({ from: this.#endsAt, firstSeq: first.seq });
      }
      for (const line of lines) this.fold.add(checked(line, this.#id));
      this.#endsAt = endsAt;
    }
    return this.fold;
  }
}

/** The file may hold anything: what is no line of a session is told, not guessed at. */
function checked(line: SessionLine, id: string): SessionLine {
  const read = line as Partial<SessionLine> | null;
  const event = read?.event as { readonly type?: unknown; readonly runId?: unknown } | null;
  const isLine =
    Number.isInteger(read?.seq) &&
    typeof read?.runId === 'string' &&
    typeof event?.type === 'string' &&
    typeof event.runId === 'string';
  if (isLine) return line;
  throw new ThroughlineError(
    'session_corrupt',
    `The session "${id}" holds what is no line of a session: ${JSON.stringify(line)?.slice(0, 80)}`,
  );
}
