// base/ owns the words that all other folders speak: errors, messages, events, the model seam, aborts. It does not own any
// behaviour of a run, and imports from no other folder.

import type { Decision } from './decision.ts';
import type { ErrorCode } from './error.ts';
import type { AssistantMessage, Message, ToolMessage } from './message.ts';
import type { FinishReason, Json, ModelRequest, ToolSpec, Usage } from './model.ts';

/** What a tool does to the world. It decides early start, overlap, approval, and what a resume may repeat. */
export type Effect = 'read' | 'write' | 'destructive';

/** Why a run ended. `failed` and `aborted` are only ever seen in a `run.end` event: the result rejects then. */
export type StopReason =
  | 'answer' // the model answered and asked for nothing more
  | 'length' // the answer was cut at the token budget
  | 'content_filter' // the endpoint cut the answer
  | 'limit' // a limit was reached; `limit` says which
  | 'suspended' // calls wait for a person; `pending` says which
  | 'failed'
  | 'aborted';

/** How a call ended. `doubtful` and `refused` calls were never started. */
export type CallOutcome =
  | 'ok'
  | 'failed' // the tool threw, or its result cannot be told
  | 'timeout'
  | 'aborted'
  | 'unknown' // the process died while it ran: it may or may not have taken effect
  | 'doubtful' // incomplete, malformed, unknown or invalid: never started
  | 'refused'; // not approved: never started

/** A limit that was reached or is near: `used` of `max`, in the limit's own unit. */
export interface LimitReading {
  readonly name: string;
  readonly used: number;
  readonly max: number;
}

interface OfRun {
  readonly runId: string;
}

interface OfStep extends OfRun {
  /** Counted from 1. */
  readonly step: number;
}

interface OfCall extends OfStep {
  /** The call's place in its answer, counted from 1. */
  readonly call: number;
  readonly callId: string;
  readonly name: string;
}

export interface RunStart extends OfRun {
  readonly type: 'run.start';
  readonly agent: string;
  readonly model: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
}

/** Messages of the host, or a `note` to the model: of a limit, or about an output that does not fit its schema. */
export interface MessageHeard extends OfRun {
  readonly type: 'message';
  readonly source: 'input' | 'steer' | 'followUp' | 'note';
  readonly messages: readonly Message[];
}

/** How long an answer took, all attempts together. */
export interface AnswerTiming {
  /** Milliseconds from the first request to the first part. */
  readonly firstPartMs: number;
  /** Milliseconds from the first request to the end. */
  readonly totalMs: number;
  /** Tokens written a second after the first part; absent when the endpoint did not count them. */
  readonly tokensPerSecond?: number;
}

/**
 * What of a question to the model, beside the conversation, is not as in the answer before. `null` takes a field away. Folded they tell
 * how the model was asked in each step: see `requestOf`.
 */
export interface RequestChange {
  readonly model?: string;
  /** The system message. */
  readonly instructions?: string;
  readonly tools?: readonly ToolSpec[];
  readonly toolChoice?: ModelRequest['toolChoice'];
  readonly thinking?: boolean | null;
  readonly parameters?: Readonly<Record<string, unknown>> | null;
  /** What `prepareStep` chose to send in this step alone. A number is a message of the conversation, from 0, the instructions included. */
  readonly messages?: readonly (number | Message)[];
}

/** A whole answer. What `text.delta` and `reasoning.delta` showed before is in it. */
export interface AnswerGiven extends OfStep {
  readonly type: 'answer';
  readonly message: AssistantMessage;
  readonly finishReason: FinishReason;
  /** An estimate, marked as one, where the endpoint did not count. */
  readonly usage?: Usage;
  /** How many times the model was asked before this answer was whole. */
  readonly attempts: number;
  readonly timing: AnswerTiming;
  /** The limit that made this the last answer. */
  readonly atLimit?: LimitReading;
  /** Says what was repaired in the calls' arguments; the repaired text is in the message. */
  readonly mended?: readonly string[];
  /**
   * Calls that must not run, by their place, with the reason: unreadable arguments (`{}` then stands in the
   * message), or cut at the token limit.
   */
  readonly doubts?: Readonly<Record<number, string>>;
  /** Calls that stood in the answer's text, by their place: only a tool of effect `read` runs from one. */
  readonly leaked?: readonly number[];
  /** The arguments that could not be read, as the model wrote them, by the call's place. Never sent again. */
  readonly broken?: Readonly<Record<number, string>>;
  /** Calls of tools that may not be used in this step, by their place, with the reason. */
  readonly barred?: Readonly<Record<number, string>>;
  /** What the endpoint calls this answer and the model that gave it, where it says so. */
  readonly response?: { readonly id?: string; readonly model?: string };
  /** How the model was asked, where that is not as in the answer before of this session. */
  readonly request?: RequestChange;
  /** Milliseconds since 1970. */
  readonly endedAtMs: number;
}

/** A call is about to run: it is complete, valid and approved. Told again where it waited for its turn over a resume. */
export interface CallStart extends OfCall {
  readonly type: 'call.start';
  readonly effect: Effect;
  readonly arguments: string;
  /** What a `write` holds while it runs; two that share a lock do not overlap. */
  readonly locks?: readonly string[];
}

/** A call has its result, whatever it was. */
export interface CallEnd extends OfCall {
  readonly type: 'call.end';
  readonly outcome: CallOutcome;
  /** What the model reads. */
  readonly message: ToolMessage;
  /** What the tool returned, when it is not simply the text the model reads. */
  readonly output?: Json;
  /** What an agent inside this call has used; it is part of the run's own usage. */
  readonly usage?: Usage;
}

/** A call waits for a person. */
export interface CallPending extends OfCall {
  readonly type: 'call.pending';
  readonly effect: Effect;
  readonly arguments: string;
  /**
   * What a decision names: show it, store it, decide with it. It stands for this place (run, step, call) and a hash of the
   * call's name and arguments, so no decision can run another call.
   */
  readonly id: string;
  /** The process died while this call ran: it may have taken effect already. `true` runs it again. */
  readonly mayHaveRun?: true;
}

/** A person decided. */
export interface CallDecided extends OfCall {
  readonly type: 'call.decided';
  /** The `id` of the `call.pending` that it decides. */
  readonly id: string;
  readonly decision: Decision;
}

/** The conversation was made shorter: `messages` stand for all that was said before. */
export interface HistoryCompacted extends OfStep {
  readonly type: 'history.compacted';
  readonly messages: readonly Message[];
  /** Says what was done. */
  readonly note: string;
  /** What a model used for it. */
  readonly usage?: Usage;
}

export interface RunEnd extends OfRun {
  readonly type: 'run.end';
  readonly stopReason: StopReason;
  /** The text of the last answer; empty when it had none. */
  readonly text: string;
  readonly steps: number;
  readonly usage: Usage;
  readonly limit?: LimitReading;
  readonly pending?: readonly CallPending[];
  /** The structured answer as JSON, where the agent was given an `output` schema. */
  readonly output?: Json;
  readonly error?: { readonly code: ErrorCode | 'error'; readonly message: string };
}

/** One line of a run's log. */
export interface LogEntry {
  readonly key: string;
  readonly event: RecordedEvent;
}

/** The events to keep: folded in order, they rebuild the conversation. */
export type RecordedEvent =
  | RunStart
  | MessageHeard
  | AnswerGiven
  | CallStart
  | CallEnd
  | CallPending
  | CallDecided
  | HistoryCompacted
  | RunEnd;

/** The events to show: they are not recorded, and unread deltas of one kind are joined. */
export type LiveEvent =
  | (OfStep & { readonly type: 'step.start' })
  | (OfStep & { readonly type: 'step.end' })
  | (OfStep & { readonly type: 'text.delta'; readonly delta: string })
  | (OfStep & { readonly type: 'reasoning.delta'; readonly delta: string })
  /** A piece of a call's arguments while the model writes them. */
  | (OfCall & { readonly type: 'call.delta'; readonly delta: string })
  /** What a tool's generator yielded. */
  | (OfCall & { readonly type: 'call.progress'; readonly progress: Json })
  /** What a tool threw, with its stack; the model reads only the message. Not emitted for a `ToolError`. */
  | (OfCall & { readonly type: 'call.error'; readonly error: ThrownError })
  /** An event of an agent that runs inside a call. */
  | (OfCall & { readonly type: 'call.event'; readonly event: RunEvent })
  /** As much of a structured answer as there is yet. */
  | (OfStep & { readonly type: 'output.partial'; readonly output: Json })
  /** What was shown of this step is void: the model is asked again. */
  | (OfStep & { readonly type: 'step.retry'; readonly attempt: number; readonly reason: string })
  | (OfStep & { readonly type: 'limit.near'; readonly limit: LimitReading })
  | (OfRun & { readonly type: 'warning'; readonly message: string; readonly step?: number });

/** An error as plain data. */
export interface ThrownError {
  readonly name: string;
  readonly message: string;
  /** Where it was thrown. */
  readonly stack?: string;
}

/** Everything a run tells. One union, plain JSON data, told apart by `type`. */
export type RunEvent = RecordedEvent | LiveEvent;

/** The event of each type, e.g. `EventOf<'call.end'>`. */
export type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { readonly type: T }>;

/** Where a running loop tells what happens. */
export interface EventSink {
  /** Whether anyone would see an event of this type; if not, it need not be made. */
  wants(type: RunEvent['type']): boolean;
  emit(event: RunEvent): void;
}
/** Every type of event, and whether it is one of those that rebuild everything. */
export const isKept: Readonly<Record<RunEvent['type'], boolean>> = {
  'run.start': true,
  message: true,
  answer: true,
  'call.start': true,
  'call.end': true,
  'call.pending': true,
  'call.decided': true,
  'history.compacted': true,
  'run.end': true,
  'step.start': false,
  'step.end': false,
  'step.retry': false,
  'text.delta': false,
  'reasoning.delta': false,
  'call.delta': false,
  'call.progress': false,
  'call.event': false,
  'call.error': false,
  'output.partial': false,
  'limit.near': false,
  warning: false,
};
/** Whether an event is recorded. */
export function isRecorded(event: RunEvent): event is RecordedEvent {
  return isKept[event.type];
}
