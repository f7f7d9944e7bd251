import { appendFile, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Host } from '../command.ts';

const most = 1000;

/** What a person has typed before, over all chats: a file for its owner alone. A file that cannot be read or written costs only the history. */
export class HistoryFile {
  readonly #path: string;

  constructor({ env }: Host) {
    const state = env['XDG_STATE_HOME'] ?? join(env['HOME'] ?? homedir(), '.local', 'state');
    this.#path = join(state, 'throughline', 'history.jsonl');
  }

  /** The oldest first. The file is cut where it has grown to twice of what is read. */
  async read(): Promise<readonly string[]> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    const entries = text.split('\n').flatMap((line) => {
      try {
        const value: unknown = JSON.parse(line);
        return typeof value === 'string' ? [value] : [];
      } catch {
        return []; // the end that a crash has cut
      }
    });
    const last = entries.slice(-most);
    if (entries.length > 2 * most) await this.#write(last).catch(() => {});
    return last;
  }

  async add(text: string): Promise<void> {
    if (text.trim() === '') return;
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      await appendFile(this.#path, `${JSON.stringify(text)}\n`, { mode: 0o600 });
      await chmod(this.#path, 0o600);
    } catch {
      // a home that cannot be written: the chat goes on without
    }
  }

  async #write(entries: readonly string[]): Promise<void> {
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    await writeFile(this.#path, text, { mode: 0o600 });
  }
}
