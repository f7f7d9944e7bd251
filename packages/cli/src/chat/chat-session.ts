import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ThroughlineError } from '@throughline/core';
import type { Session } from '@throughline/core';
import { localTime } from '../sessions/list-sessions.ts';
import { sessionAsMarkdown } from '../sessions/read-session.ts';
import { newestFirst, newSessionId } from '../sessions/session-folder.ts';
import type { SessionFolder } from '../sessions/session-folder.ts';
import { visibleLine } from '../terminal/visible-text.ts';

/** The session that a chat has open, of a folder of them. One at a time. */
export class ChatSession {
  readonly #folder: SessionFolder;
  #open: Session;
  /** The ids as they were last listed. */
  #listed: readonly string[] = [];

  private constructor(folder: SessionFolder, open: Session) {
    this.#folder = folder;
    this.#open = open;
  }

  static async open(folder: SessionFolder, id: string): Promise<ChatSession> {
    return new this(folder, await folder.store.open(id));
  }

  get current(): Session {
    return this.#open;
  }

  /** Opens another one, then closes this one: where the other cannot be opened, nothing has changed. */
  async switchTo(id: string): Promise<void> {
    if (id === this.#open.id) return;
    const next = await this.#folder.store.open(id);
    await this.#open.close();
    this.#open = next;
  }

  async startNew(): Promise<void> {
    await this.switchTo(newSessionId());
  }

  /** Goes on in a fork. With `seq`, of the conversation up to that line; without any line before, in a new session. */
  async fork(newId: string = newSessionId(), seq?: number): Promise<void> {
    if (seq === 0 || this.#open.lastSeq === 0) return this.switchTo(newId);
    await this.#folder.store.fork(this.#open.id, newId, seq === undefined ? {} : { seq });
    await this.switchTo(newId);
  }

  /** The sessions as lines, with the numbers that `find` knows them by. */
  async list(): Promise<readonly string[]> {
    const all = await newestFirst(this.#folder);
    this.#listed = all.map(({ id }) => id);
    return all.map(({ id, changedAtMs }, at) => {
      const here = id === this.#open.id ? '  (this one)' : '';
      return `${String(at + 1).padStart(3)}  ${visibleLine(id)}  ${localTime(changedAtMs)}${here}`;
    });
  }

  /** The id that a person means: a number of the list, or the id itself. Throws `session_not_found` for none. */
  async find(which: string): Promise<string> {
    if (this.#listed.length === 0) await this.list();
    const known = (await this.#folder.store.list()).map(({ id }) => id);
    const meant = /^\d{1,4}$/.test(which) ? (this.#listed[Number(which) - 1] ?? which) : which;
    if (known.includes(meant)) return meant;
    throw new ThroughlineError('session_not_found', `There is no session "${which}".`);
  }

  /** Writes the conversation as Markdown, to a file that is not there yet. Returns its path. */
  async export(
    file: string | undefined,
    { cwd, clean }: { readonly cwd: string; clean(text: string): string },
  ): Promise<string> {
    const path = resolve(cwd, file ?? `${this.#open.id.replace(/[^\w.-]/g, '_')}.md`);
    const text = clean(await sessionAsMarkdown(this.#open));
    await writeFile(path, `${text}\n`, { flag: 'wx', mode: 0o600 });
    return path;
  }

  async close(): Promise<void> {
    await this.#open.close();
  }
}
