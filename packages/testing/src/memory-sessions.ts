import { Session, ThroughlineError } from '@throughline/core';
import type {
  ErrorCode,
  SessionInfo,
  SessionLine,
  SessionLog,
  SessionStore,
} from '@throughline/core';

interface Stored {
  readonly texts: readonly string[];
  readonly parent?: { readonly id: string; readonly seq: number };
  readonly changed: number;
}

const nothing: Omit<Stored, 'changed'> = { texts: [] };

/** Sessions in memory, for tests of what uses a store. They end with the process. */
export function memorySessions(): SessionStore {
  return new MemorySessions();
}

class MemorySessions implements SessionStore {
  readonly #stored = new Map<string, Stored>();
  readonly #open = new Set<string>();
  #changes = 0;

  async open(id: string): Promise<Session> {
    checkId(id);
    this.#refuseOpen(id);
    this.#open.add(id);
    return Session.load(this.#logOf(id));
  }

  read(id: string, fromSeq?: number) {
    return this.#logOf(id).read(fromSeq);
  }

  async list(): Promise<readonly SessionInfo[]> {
    return [...this.#stored].map(infoOf).toSorted((a, b) => b.changedAtMs - a.changedAtMs);
  }

  async info(id: string): Promise<SessionInfo | undefined> {
    return (await this.list()).find((one) => one.id === id);
  }

  async fork(id: string, newId: string, options: { readonly seq?: number } = {}): Promise<void> {
    checkId(newId);
    this.#checkFound(id);
    this.#refuseOpen(newId);
    const last = this.#textsOf(id).length;
    const { seq = last } = options;
    if (!Number.isInteger(seq) || seq < 1 || seq > last) {
      throw refusal('invalid_input', `The session "${id}" has the lines 1 to ${last}, not ${seq}.`);
    }
    if (this.#stored.has(newId)) {
      throw refusal('session_exists', `There is a session "${newId}" already.`);
    }
    this.#stored.set(newId, { texts: [], parent: { id, seq }, changed: ++this.#changes });
  }

  async delete(id: string): Promise<void> {
    this.#checkFound(id);
    this.#refuseOpen(id);
    const child = [...this.#stored].find(([, { parent }]) => parent?.id === id);
    if (child !== undefined) {
      throw refusal('session_in_use', `The session "${child[0]}" is forked from "${id}".`);
    }
    this.#stored.delete(id);
  }

  #logOf(id: string): SessionLog {
    const textsFrom = (seq: number) => this.#textsOf(id).slice(seq - 1);
    return {
      id,
      inheritedSeq: this.#stored.get(id)?.parent?.seq ?? 0,
      async *read(fromSeq = 1) {
        yield textsFrom(fromSeq).map((text) => JSON.parse(text) as SessionLine);
      },
      append: async (lastSeq, lines) => this.#append(id, lastSeq, lines),
      close: async () => void this.#open.delete(id),
    };
  }

  #append(id: string, lastSeq: number, lines: readonly SessionLine[]): void {
    if (!this.#open.has(id)) throw refusal('session_closed', `The session "${id}" is closed.`);
    if (lastSeq !== this.#textsOf(id).length) {
      throw refusal('session_conflict', `The session "${id}" does not end at line ${lastSeq}.`);
    }
    const { texts, parent } = this.#stored.get(id) ?? nothing;
    const added = [...texts, ...lines.map((line) => JSON.stringify(line))];
    const changed = ++this.#changes;
    this.#stored.set(id, { texts: added, changed, ...(parent === undefined ? {} : { parent }) });
  }

  #textsOf(id: string): readonly string[] {
    const { texts, parent } = this.#stored.get(id) ?? nothing;
    if (parent === undefined) return texts;
    return [...this.#textsOf(parent.id).slice(0, parent.seq), ...texts];
  }

  #checkFound(id: string): void {
    if (!this.#stored.has(id)) {
      throw refusal('session_not_found', `There is no session "${id}".`);
    }
  }

  #refuseOpen(id: string): void {
    if (!this.#open.has(id)) return;
    throw refusal('session_locked', `The session "${id}" is open in this process.`);
  }
}

function infoOf([id, { texts, parent, changed }]: readonly [string, Stored]): SessionInfo {
  const bytes = texts.reduce((sum, text) => sum + text.length, 0);
  return { id, changedAtMs: changed, bytes, ...(parent === undefined ? {} : { parent }) };
}

function checkId(id: string): void {
  if (id !== '' && id.length <= 200) return;
  throw refusal('invalid_input', 'The id of a session is a text of 1 to 200 characters.');
}

function refusal(code: ErrorCode, words: string): ThroughlineError {
  return new ThroughlineError(code, words);
}
