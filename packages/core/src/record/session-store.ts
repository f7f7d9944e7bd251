import type { Session } from './session.ts';
import type { SessionLine } from './session-log.ts';

export interface SessionInfo {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly changedAtMs: number;
  /** As stored, without the parent's part. */
  readonly bytes: number;
  readonly parent?: { readonly id: string; readonly seq: number };
}

/** Where sessions are kept. An id is any text of 1 to 200 characters. */
export interface SessionStore {
  /**
   * Opens a session, a new one if there is none of this id (it is stored with its first line). Rejects at once
   * with `session_locked` where another process has it open, and with `session_corrupt`, `session_version` or
   * `session_storage` where it cannot be read whole. What cannot be read is never written over.
   */
  open(id: string): Promise<Session>;
  /**
   * The lines that are stored now, from the line `fromSeq` on, also while another process has the session open: for those who watch. None
   * where there is no such session. A store may be without it.
   */
  read?(id: string, fromSeq?: number): AsyncIterable<readonly SessionLine[]>;
  list(): Promise<readonly SessionInfo[]>;
  /** What `list` says of one session, without a look at the others; undefined where there is none. A store may be without it. */
  info?(id: string): Promise<SessionInfo | undefined>;
  /**
   * A new session that begins as another one is now, or was at line `seq`, without copying it. A run that was
   * under way there does not go on here. May be called while the other one is open.
   */
  fork(id: string, newId: string, options?: { readonly seq?: number }): Promise<void>;
  /** Rejects with `session_locked` where it is open, with `session_in_use` where another is forked from it. */
  delete(id: string): Promise<void>;
}
