import { ThroughlineError } from '../base/error.ts';
import { isRecorded } from '../base/event.ts';
import type { RecordedEvent } from '../base/event.ts';

/** The version of the lines that this release writes. */
export const sessionVersion = 1;

/** One stored line of a session. */
export interface SessionLine {
  /** Counted from 1, without a gap, through a fork's parent. */
  readonly seq: number;
  readonly v: typeof sessionVersion;
  /** The run it belongs to. An agent inside a call writes under the run it is part of. */
  readonly runId: string;
  /** The key of the step, e.g. `3/call/1`. */
  readonly key: string;
  readonly event: RecordedEvent;
}

/**
 * What a store brings for one open session: a log that only grows. The process that has it open is the only writer;
 * `Session` never lets two appends overlap.
 */
export interface SessionLog {
  readonly id: string;
  /** Lines up to this one are the parent's, where the session was forked; else 0. Known once it is read. */
  readonly inheritedSeq: number;
  /** All lines from `fromSeq` on (default: 1), in order, in batches, as they were appended. */
  read(fromSeq?: number): AsyncIterable<readonly SessionLine[]>;
  /**
   * Appends all of the lines or none, and resolves when they are safe. `lastSeq` is the last line the caller
   * knows of: rejects with `session_conflict` where the log has another end, and with `session_storage`
   * where it cannot be written.
   */
  append(lastSeq: number, lines: readonly SessionLine[]): Promise<void>;
  /** Lets others open it. */
  close(): Promise<void>;
}

/** The line, if this release can read it and its number is right. Throws `session_version` or `session_corrupt` otherwise. */
export function checkLine(line: unknown, seq: number, id: string): SessionLine {
  const read = (typeof line === 'object' && line !== null ? line : {}) as Record<
    keyof SessionLine,
    unknown
  >;
  const where = `Line ${seq} of the session "${id}"`;
  const { v } = read;
  if (typeof v === 'number' && v !== sessionVersion) {
    throw new ThroughlineError(
      'session_version',
      `${where} is of version ${v}; this release reads version ${sessionVersion}. ${v > sessionVersion ? 'It was written by a newer release: update this one. ' : ''}Nothing was changed.`,
    );
  }
  const reason =
    v === undefined || typeof read.runId !== 'string' || typeof read.key !== 'string'
      ? 'is not a line of a session'
      : read.seq !== seq
        ? `has the number ${String(read.seq)}: lines are missing, doubled or mixed up`
        : !isEvent(read.event)
          ? `holds no event that this release knows (${JSON.stringify(read.event)?.slice(0, 60)})`
          : undefined;
  if (reason !== undefined) {
    throw new ThroughlineError('session_corrupt', `${where} ${reason}. Nothing was changed.`);
  }
  return line as SessionLine;
}

function isEvent(event: unknown): event is RecordedEvent {
  return typeof event === 'object' && event !== null && isRecorded(event as RecordedEvent);
}
