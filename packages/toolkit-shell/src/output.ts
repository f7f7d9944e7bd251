import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { codeOf } from './trouble.ts';

/** So much of the beginning, and of the end, is kept in memory. */
const keptBytes = 49_152;

/** The most bytes of one command's output that its log file takes. */
export const logBytes = 20_000_000;

/**
 * What a command has written, in bounded memory: its beginning, its end, and where that is not all, a log file that
 * only this user can read. What is beyond the log's cap is counted and dropped.
 */
export class Output {
  readonly #openPath: () => string;
  readonly #tail = Buffer.alloc(keptBytes);
  #head: Buffer = Buffer.alloc(0);
  #total = 0;
  #log: { readonly path: string; readonly fd: number } | undefined;
  #logged = 0;
  #logTrouble: string | undefined;

  /** `openPath` says where the log goes, once one is needed. */
  constructor(openPath: () => string) {
    this.#openPath = openPath;
  }

  /** How many bytes came in all. */
  get total(): number {
    return this.#total;
  }

  /** The log's path, once there is one. */
  get logPath(): string | undefined {
    return this.#log?.path;
  }

  /** What is wrong with the log, as the system's word. */
  get logTrouble(): string | undefined {
    return this.#logTrouble;
  }

  /** The bytes from the first on that can still be read. */
  get readable(): number {
    return Math.max(this.#head.length, this.#logTrouble === undefined ? this.#logged : 0);
  }

  write(chunk: Buffer): void {
    if (this.#head.length < keptBytes) {
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, keptBytes - this.#head.length)]);
    }
    const before = this.#total;
    this.#total += chunk.length;
    this.#keepTail(before, chunk);
    if (this.#total > keptBytes) this.#keepInLog(before, chunk);
  }

  /** At most `length` bytes from `offset` on; fewer where no more are kept. */
  read(offset: number, length: number): Buffer {
    const end = Math.min(offset + length, this.#total);
    if (end <= offset) return Buffer.alloc(0);
    if (end <= this.#head.length) return this.#head.subarray(offset, end);
    const tailFrom = this.#total - Math.min(this.#total, keptBytes);
    if (offset >= tailFrom) return this.#fromTail(offset, end);
    if (offset < this.#logged) return this.#fromLog(offset, Math.min(end, this.#logged));
    return this.#head.subarray(offset, end);
  }

  /** The command writes no more. */
  close(): void {
    if (this.#log !== undefined && this.#log.fd >= 0) closeSync(this.#log.fd);
    if (this.#log !== undefined) this.#log = { path: this.#log.path, fd: -1 };
  }

  /** Nobody will read it any more. */
  discard(): void {
    this.close();
    if (this.#log !== undefined) rmSync(this.#log.path, { force: true });
    this.#log = undefined;
    this.#logged = 0;
  }

  /** Byte number n stands at n modulo the ring's length. */
  #keepTail(before: number, chunk: Buffer): void {
    const last = chunk.subarray(-keptBytes);
    const at = (before + chunk.length - last.length) % keptBytes;
    const fits = Math.min(last.length, keptBytes - at);
    last.copy(this.#tail, at, 0, fits);
    last.copy(this.#tail, 0, fits);
  }

  #fromTail(offset: number, end: number): Buffer {
    const at = offset % keptBytes;
    const length = end - offset;
    const first = this.#tail.subarray(at, Math.min(at + length, keptBytes));
    return Buffer.concat([first, this.#tail.subarray(0, length - first.length)]);
  }

  #keepInLog(before: number, chunk: Buffer): void {
    if (this.#logTrouble !== undefined || this.#logged >= logBytes) return;
    try {
      if (this.#log === undefined) {
        const path = this.#openPath();
        this.#log = { path, fd: openSync(path, 'wx', 0o600) };
        this.#append(this.#head.subarray(0, before));
      }
      this.#append(chunk.subarray(0, logBytes - this.#logged));
    } catch (error) {
      this.#logTrouble = codeOf(error) ?? 'unknown error';
    }
  }

  #append(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      const written = writeSync(this.#log?.fd ?? -1, bytes, at);
      at += written;
      this.#logged += written;
    }
  }

  /** Empty where the log is not there any more. */
  #fromLog(offset: number, end: number): Buffer {
    let fd: number | undefined;
    try {
      fd = openSync(this.#log?.path ?? '', 'r');
      const buffer = Buffer.alloc(end - offset);
      const length = readSync(fd, buffer, 0, buffer.length, offset);
      return buffer.subarray(0, length);
    } catch (error) {
      this.#logTrouble = codeOf(error) ?? 'unknown error';
      return Buffer.alloc(0);
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }
}
