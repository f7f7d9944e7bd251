/** What went wrong, as one word a program can act on. `docs/errors.md` says for each what to do. */
export type ErrorCode =
  | 'invalid_input' // what was passed to `run` or `stream` cannot be sent
  | 'invalid_option' // an option has a value it cannot have
  | 'invalid_tool' // a tool or toolkit is not well formed
  | 'duplicate_tool' // two tools share a name
  | 'invalid_schema' // a schema cannot be told to the model without losing something
  | 'invalid_output' // the model gave no answer that fits the `output` schema, though it was told what is wrong
  | 'limit_reached' // a limit whose `atLimit` is 'throw' was reached
  | 'tool_failed' // a ToolError: the tool chose the model's words
  | 'already_iterated' // a run was iterated a second time
  | 'already_ended' // a message came for a run that has ended
  | 'not_pending' // a decision names a call that waits for none
  | 'not_recorded' // a log does not hold what is asked of it
  | 'invalid_decision' // a decision, or what `approve` returned, has no shape that means yes or no
  | SessionErrorCode
  | ModelErrorCode;

/** What went wrong with a stored conversation. Nothing that was acknowledged is lost by any of them. */
export type SessionErrorCode =
  | 'unfinished_run' // `run` was called, but the session's last run waits or was cut
  | 'nothing_to_resume' // `resume` was called, but the session's last run has ended
  | 'session_busy' // another run of this process is under way in the session
  | 'session_locked' // another process has the session open
  | 'session_conflict' // another process has written to the session since it was opened
  | 'session_closed' // the session was closed
  | 'session_corrupt' // the log holds what no release has written
  | 'session_version' // the log was written by another version
  | 'session_storage' // the disk is full, read-only or failing; `cause` is the system's error
  | 'session_not_found' // there is no session of this id
  | 'session_exists' // there is one already
  | 'session_in_use'; // it cannot be deleted: another one is forked from it

/** What went wrong between us and the model. */
export type ModelErrorCode =
  | 'missing_api_key' // no key was given
  | 'authentication' // the key is refused
  | 'permission' // the key may not do this
  | 'quota' // the balance is used up: asking again does not help
  | 'rate_limit' // too many requests for now
  | 'overloaded' // the endpoint has no room for now
  | 'model_not_found' // the endpoint serves no model of this name
  | 'invalid_request' // the endpoint refuses what was asked
  | 'context_overflow' // the conversation is longer than the model can read
  | 'request_too_large' // the request has more bytes than the endpoint takes
  | 'content_filter' // the endpoint refuses to speak about this
  | 'server' // the endpoint failed
  | 'connection' // no connection, or it broke
  | 'timeout' // nothing came for too long
  | 'bad_response' // what came is no chat completion
  | 'incomplete_answer' // the answer broke off before its end
  | 'endless_reasoning' // the model thinks without coming to an end
  | 'answer_too_large' // the answer has more calls, or more characters, than are taken
  | 'empty_answer' // the answer holds neither text nor a call
  | 'cassette'; // a recording for tests lacks this request, or cannot be read or written

// Outside the class: one that names itself is renamed when it is bundled, and Node prints that name.
const brand: symbol = Symbol.for('throughline.error');

/** The base of every error this framework throws. An abort is not one: it rejects with the signal's own reason. */
export class ThroughlineError extends Error {
  /** Shared through the global symbol registry, so that two installed copies recognise each other's errors. */
  static readonly brand: symbol = brand;
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = 'ThroughlineError'; // not the class's own name, which a bundler may change
    Object.defineProperty(this, brand, { value: true });
    Object.defineProperty(this, new.target.brand, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && this.brand in value;
  }
}

/** What a caller may want to know of a failed request besides its code. */
export interface ModelErrorFacts extends ErrorOptions {
  /** HTTP status, when there was a response. */
  readonly status?: number;
  /** Whether the same request may succeed later. Default: false. */
  readonly retryable?: boolean;
  /** How long the endpoint asked us to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The endpoint's own id of the request, for its support. */
  readonly requestId?: string;
}

/** A request to a model failed. Never carries the key. */
export class ModelError extends ThroughlineError {
  static override readonly brand: symbol = Symbol.for('throughline.error.model');
  declare readonly code: ModelErrorCode;
  readonly status: number | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;

  constructor(code: ModelErrorCode, message: string, facts: ModelErrorFacts = {}) {
    super(code, message, facts);
    this.name = 'ModelError';
    this.status = facts.status;
    this.retryable = facts.retryable ?? false;
    this.retryAfterMs = facts.retryAfterMs;
    this.requestId = facts.requestId;
  }
}

/** Thrown by a tool to choose the very words the model reads. Nothing is added to them. */
export class ToolError extends ThroughlineError {
  static override readonly brand: symbol = Symbol.for('throughline.error.tool');

  constructor(message: string, options?: ErrorOptions) {
    super('tool_failed', message, options);
    this.name = 'ToolError';
  }
}

/** The message of a thrown value. Never throws: a thrown value need not be an Error, or convertible to a text. */
export function wordsOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message || thrown.name) : String(thrown);
  } catch {
    return 'a value was thrown that has no message';
  }
}
