import { fstatSync, ftruncateSync, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { ThroughlineError } from '@throughline/core';
import type { SessionLine, SessionLog } from '@throughline/core';
import { ownLines, parentLines } from './file-lines.ts';
import { largeChars, putLarge } from './large.ts';
import type { Lock } from './lock.ts';
import { largeOf, pathOf } from './session-file.ts';
import type { Header } from './session-file.ts';
import { openPrivate } from './private-file.ts';
import { codeOf, storageError } from './storage-error.ts';
import { syncFolder } from './sync-folder.ts';

/** What a log is opened with. */
export interface FileLogOptions {
  readonly dir: string;
  readonly id: string;
  readonly sync: boolean;
  readonly lock: Lock;
  /** Undefined where the session has no file yet. */
  readonly header: Header | undefined;
}

/** A session's log in its file. The caller holds the lock. */
export class FileLog implements SessionLog {
  readonly id: string;
  readonly inheritedSeq: number;
  readonly #options: FileLogOptions;
  readonly #path: string;
  /** Undefined until the file was read through. */
  #end: { readonly seq: number; readonly bytes: number } | undefined;
  #file: FileHandle | undefined;
  #broken: ThroughlineError | undefined;

  constructor(options: FileLogOptions) {
    this.id = options.id;
    this.inheritedSeq = options.header?.parent?.seq ?? 0;
    this.#options = options;
    this.#path = pathOf(options.dir, options.id);
  }

  async *read(fromSeq = 1): AsyncGenerator<readonly SessionLine[]> {
    const { dir, header } = this.#options;
    const after = (lines: readonly SessionLine[]) => lines.filter((line) => !(line?.seq < fromSeq));
    if (header?.parent !== undefined && fromSeq <= header.parent.seq) {
      for await (const lines of parentLines(dir, header.parent)) yield after(lines);
    }
    const known = this.#end;
    let seq = this.inheritedSeq;
    let bytes = 0;
    if (known === undefined ? header !== undefined : known.bytes > 0) {
      for await (const { lines, endsAt } of ownLines({ dir, id: this.id, to: known?.bytes })) {
        yield after(lines);
        seq += lines.length;
        bytes = endsAt;
      }
    }
    // Only now is it known that all before it can be read.
    if (known === undefined) await this.#cutTail(seq, bytes);
  }

  async append(lastSeq: number, lines: readonly SessionLine[]): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    const end = this.#end;
    if (end === undefined || end.seq !== lastSeq)
      throw this.#conflict(`line ${end?.seq} is its last`);
    try {
      const texts = lines.map((line) => JSON.stringify(line));
      for (const [at, text] of texts.entries()) {
        const line = lines[at];
        if (text.length > largeChars && line !== undefined) texts[at] = await this.#putAside(line);
      }
      const text = `${texts.join('\n')}\n`;
      const file = (this.#file ??= await this.#open());
      const isNew = end.bytes === 0;
      const written = this.#write(file, isNew ? headerOf(this.id) + text : text, end.bytes);
      if (this.#options.sync) await this.#sync(file, isNew);
      this.#end = { seq: end.seq + lines.length, bytes: end.bytes + written };
    } catch (error) {
      throw storageError(`The session "${this.id}" cannot be written`, this.#path, error);
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    this.#broken ??= new ThroughlineError('session_closed', `The session "${this.id}" is closed.`);
    await this.#options.lock.release();
  }

  /** What a crash left of a line was never acknowledged. */
  async #cutTail(seq: number, bytes: number): Promise<void> {
    try {
      const { size } = await stat(this.#path).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return { size: 0 };
        throw error;
      });
      if (size > bytes) {
        const file = await openPrivate(this.#path, 'cut');
        await file.truncate(bytes).finally(() => file.close());
      }
      this.#end = { seq, bytes };
    } catch (error) {
      throw storageError(`The session "${this.id}" cannot be mended`, this.#path, error);
    }
  }

  #open(): Promise<FileHandle> {
    return openPrivate(this.#path, 'append');
  }

  /** Writes all or nothing. Not asynchronous: it goes to the system's memory, and is cheaper than a thread. */
  #write(file: FileHandle, text: string, end: number): number {
    if (this.#options.sync) this.#checkEnd(file, end);
    const bytes = Buffer.from(text);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(file.fd, bytes, written);
      return written;
    } catch (error) {
      this.#undo(file, end, error);
      throw error;
    }
  }

  /** Finds a writer that did not ask for the lock. Cheap beside a sync, dear beside a write without one. */
  #checkEnd(file: FileHandle, end: number): void {
    const { size, nlink } = fstatSync(file.fd);
    if (size === end && nlink > 0) return;
    throw this.#conflict(nlink === 0 ? 'its file was removed' : `its file has ${size} bytes`);
  }

  /** Of a batch that does not fit, nothing stays. */
  #undo(file: FileHandle, end: number, error: unknown): void {
    try {
      ftruncateSync(file.fd, end);
    } catch {
      this.#broken = storageError(
        `The session "${this.id}" must be opened anew`,
        this.#path,
        error,
      );
    }
  }

  async #sync(file: FileHandle, isNew: boolean): Promise<void> {
    try {
      await file.datasync();
      if (isNew) await syncFolder(this.#options.dir);
    } catch (error) {
      // What a failed sync has kept cannot be known, and a second one may succeed without having kept it.
      this.#broken = storageError(
        `The session "${this.id}" must be opened anew`,
        this.#path,
        error,
      );
      throw error;
    }
  }

  #putAside(line: SessionLine): Promise<string> {
    const { dir, sync } = this.#options;
    return putLarge(largeOf(dir, this.id), line, sync);
  }

  #conflict(why: string): ThroughlineError {
    return new ThroughlineError(
      'session_conflict',
      `Somebody else has written to the session "${this.id}" since it was opened: ${why}. Open it again. Path: ${this.#path}`,
    );
  }
}

/** The first line of a session's file. */
export function headerOf(id: string, parent?: Header['parent']): string {
  const header: Header = {
    throughline: 'session',
    v: 1,
    id,
    createdAtMs: Date.now(),
    ...(parent === undefined ? {} : { parent }),
  };
  return `${JSON.stringify(header)}\n`;
}
