// What the server tells the page. Only types: the page is built from them, and the server answers with them.

import type { CallPending, Usage } from '@throughline/core';

/** How a session stands, as far as its file tells. `running`: another process, or this one, has it open in the middle of a run. */
export type ShownState = 'ready' | 'running' | 'stopped' | 'suspended' | 'cut' | 'unreadable';

/** A session in the list. */
export interface Summary {
  readonly id: string;
  readonly state: ShownState;
  /** The first thing that was said. */
  readonly title: string;
  readonly agent: string;
  readonly model: string;
  readonly changedAtMs: number;
  readonly bytes: number;
  readonly parent?: { readonly id: string; readonly seq: number };
  readonly runs: number;
  readonly steps: number;
  readonly calls: number;
  readonly usage: Usage;
  /** Milliseconds from each run's start to its last answer, without the time in which it was suspended or stopped. */
  readonly durationMs: number;
  /** Calls that did not end well, and runs that failed. */
  readonly errors: number;
  /** Which process has it open. */
  readonly holder?: string;
  readonly pending: readonly CallPending[];
  /** The run of this process that can be steered and stopped. */
  readonly live?: LiveRun;
  /** Why it cannot be read. */
  readonly problem?: string;
  /** Where what was searched for stands. */
  readonly hits?: readonly Hit[];
}

export interface LiveRun {
  readonly runId: string;
  /** Whether the page decides the calls that wait in it. */
  readonly decides: boolean;
}

export interface Hit {
  readonly seq: number;
  readonly type: string;
  readonly excerpt: string;
}

export type RowKind =
  | 'run'
  | 'heard'
  | 'step'
  | 'reasoning'
  | 'text'
  | 'call'
  | 'compacted'
  | 'retry'
  | 'warning'
  | 'end';

/** One line of the timeline. What it says in full is loaded when it is opened. */
export interface Row {
  readonly kind: RowKind;
  /** The stored line that holds it; 0 where it was only told live. */
  readonly seq: number;
  readonly runId: string;
  /** 0, or how deep an agent is inside calls. */
  readonly depth: number;
  readonly step?: number;
  readonly call?: number;
  readonly title: string;
  /** The beginning of what it says, in one line. */
  readonly text: string;
  /** How long the whole is, in characters. */
  readonly size: number;
  /** A call's outcome or `open`, `waits`; why a run ended. */
  readonly state?: string;
  /** The line of a call's end. */
  readonly endSeq?: number;
  readonly usage?: Usage;
  readonly startMs?: number;
  readonly endMs?: number;
  /** The times were measured by this process; else they are those between two answers. */
  readonly measured?: boolean;
  /** It started before the answer was whole. */
  readonly early?: boolean;
  /** Repairs, doubts, retries: what is odd about it. */
  readonly marks?: readonly string[];
  /** What a decision names. */
  readonly pendingId?: string;
}

export interface RowsAnswer {
  readonly from: number;
  readonly total: number;
  readonly rows: readonly Row[];
}

/** What was stored since: at once, or as a word that much has changed. */
export interface RowsChange {
  readonly total: number;
  readonly changed: readonly (readonly [number, Row])[];
  /** More has changed than is told here. */
  readonly reload?: true;
  readonly summary: Summary;
}

export interface RequestAnswer {
  /** Whether the text was parsed from the very bytes that the transport sends. */
  readonly exact: boolean;
  readonly bytes: number;
  readonly sha256: string;
  readonly messages: number;
  readonly tools: number;
  readonly previous?: { readonly runId: string; readonly step: number };
  /** The difference from the request before, as lines of a unified diff. */
  readonly diff: readonly string[];
  /** How many lines of it are left out here. */
  readonly left: number;
}

/** What the page may do. */
export interface Abilities {
  /** The agent that forks and decisions run on with. */
  readonly agent?: string;
  /** Whether a session can be made a cassette of. */
  readonly cassette?: true;
}

/** A whole session in a file. */
export interface Exported {
  readonly summary: Summary;
  readonly rows: readonly Row[];
  readonly lines: Readonly<Record<string, unknown>>;
  /** Of each line, the row that shows it, by the line's number. */
  readonly rowOfLine: readonly (number | null)[];
  readonly exportedAtMs: number;
}
