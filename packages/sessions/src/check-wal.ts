import { closeSync, openSync, readSync } from 'node:fs';
import { ThroughlineError } from '@throughline/core';
import { codeOf } from './storage-error.ts';

const headerBytes = 32;
const frameHeaderBytes = 24;

/**
 * Throws `session_corrupt` where SQLite's write-ahead log is damaged. SQLite itself takes everything behind the first frame that
 * does not check as never written, without a word, though it was acknowledged. What a crash may leave is no damage: a last
 * transaction that is not whole. Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
export function checkWal(file: string): void {
  const path = `${file}-wal`;
  const log = readWhole(path);
  if (log === undefined || log.length < headerBytes || isEmpty(log)) return;
  if (!isDamaged(log)) return;
  // Another process may have begun the log anew while it was read.
  const again = readWhole(path);
  const isSame = again?.subarray(0, headerBytes).equals(log.subarray(0, headerBytes));
  if (!isSame) return;
  throw new ThroughlineError(
    'session_corrupt',
    `${path} is damaged, so sessions that were acknowledged cannot be read. Restore it together with ${file}. Nothing was changed.`,
  );
}

function readWhole(path: string): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const pieces: Buffer[] = [];
    for (;;) {
      const piece = Buffer.allocUnsafe(1024 * 1024);
      const length = readSync(file, piece);
      if (length === 0) return Buffer.concat(pieces);
      pieces.push(piece.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
}

/** Never synced: a power failure came before anything was acknowledged. */
function isEmpty(log: Buffer): boolean {
  return log.subarray(0, headerBytes).every((byte) => byte === 0);
}

function isDamaged(log: Buffer): boolean {
  const magic = log.readUInt32BE(0);
  if (magic !== 0x377f0682 && magic !== 0x377f0683) return true;
  const sum = new Checksum(magic === 0x377f0683);
  sum.add(log, 0, 24);
  if (!sum.isAt(log, 24)) return true;
  const pageBytes = log.readUInt32BE(8);
  const salts = log.subarray(16, 24);
  let isValid = true;
  let commitsBehind = 0;
  for (let at = headerBytes; ; at += frameHeaderBytes + pageBytes) {
    if (at + frameHeaderBytes + pageBytes > log.length) return commitsBehind >= 2;
    const isOld = !log.subarray(at + 8, at + 16).equals(salts); // of a log that this one has overwritten
    if (isValid) {
      sum.add(log, at, 8);
      sum.add(log, at + frameHeaderBytes, pageBytes);
      isValid = !isOld && sum.isAt(log, at + 16);
    }
    // Each transaction is synced before the next one begins: behind a frame that does not check, one may stand, but not two.
    if (!isValid && !isOld && log.readUInt32BE(at + 4) !== 0) commitsBehind++;
  }
}

/** The running checksum of the log, over words in the byte order that its magic number names. */
class Checksum {
  readonly #isBigEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(isBigEndian: boolean) {
    this.#isBigEndian = isBigEndian;
  }

  add(bytes: Buffer, from: number, length: number): void {
    for (let at = from; at < from + length; at += 8) {
      this.#first = (this.#first + this.#word(bytes, at) + this.#second) >>> 0;
      this.#second = (this.#second + this.#word(bytes, at + 4) + this.#first) >>> 0;
    }
  }

  isAt(bytes: Buffer, at: number): boolean {
    return bytes.readUInt32BE(at) === this.#first && bytes.readUInt32BE(at + 4) === this.#second;
  }

  #word(bytes: Buffer, at: number): number {
    return this.#isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
  }
}
