import type { Answer } from '../wire/answer.ts';
import type { ChatRequest } from '../wire/chat-request.ts';
import type { Completion } from '../wire/completion.ts';
import type { Frame, Wire } from '../wire/frame.ts';
import type { Refusal } from '../wire/refusal.ts';
import type { Source } from './source.ts';

/** What a fault touches: an error answer, the answer's own data, its stream, its bytes, the socket. */
export type FaultKind = 'error' | 'answer' | 'stream' | 'wire' | 'socket';

/** What must be so for a fault to fire; one that does not fit a request waits for the next. */
export type Need =
  | 'stream'
  | 'whole'
  | 'reasoning'
  | 'text'
  | 'no text'
  | 'calls'
  | 'no calls'
  | 'arguments'
  | 'two calls'
  | 'tool result last'
  | 'no include_usage'
  | 'odd ids in history'
  | 'calls without tools';

/** What is known of a request when faults are chosen for it. */
export interface Situation {
  readonly request: ChatRequest;
  readonly answer: Answer;
  /** The calls of the history, as the next native id counts them. */
  readonly callsBefore: number;
}

/** What a use of a fault may set. */
export interface FaultSetting {
  /** `Retry-After`: seconds, a date as text, or `false` for none; default: the fault's own. */
  readonly retryAfter?: number | string | false | undefined;
}

/**
 * A fault: what it is called, where it is known from, and what it does. This folder owns every misbehaviour, and when it
 * fires; what the model says, and how a frame becomes bytes, is not decided here.
 */
export interface Fault<Name extends string = string> {
  readonly name: Name;
  readonly kind: FaultKind;
  /** Where it is known from. */
  readonly source: Source;
  readonly about: string;
  readonly needs?: readonly Need[];
  /** Whether the client gets no usable answer, so that the scripted one is kept for the next time. */
  readonly fatal?: boolean;
  /**
   * Whether a client may rightly ask again although all of the answer came: the same body then gets
   * the same answer, any other body the next.
   */
  readonly doubtful?: boolean;
  /** For an answer that was changed: whether a careful client sends it back as it got it. */
  readonly echo?: boolean;
  readonly refuse?: (setting: FaultSetting) => Refusal;
  /** What happens instead of any response. */
  readonly before?: 'cut' | 'reset' | 'stall';
  /** A body of status 200 that is sent instead of the answer. */
  readonly instead?: { readonly type: string; readonly text: string };
  readonly answer?: (answer: Answer, situation: Situation) => Answer;
  readonly frames?: (frames: readonly Frame[], situation: Situation) => readonly Frame[];
  readonly completion?: (completion: Completion, situation: Situation) => Completion;
  /** Cuts the text of a body that is not streamed; what is left is sent, then the socket ends. */
  readonly truncate?: (text: string) => string;
  readonly wire?: Partial<Wire>;
  readonly cutBytes?: number;
  /** Whether the answer comes in the other form: JSON for a stream, a stream for JSON. */
  readonly otherForm?: boolean;
}

/** Gives a list of faults the exact type of its names. */
export function faultList<const Name extends string>(
  faults: readonly Fault<Name>[],
): readonly Fault<Name>[] {
  return faults;
}
