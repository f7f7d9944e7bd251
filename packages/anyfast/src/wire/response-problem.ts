import type { JsonObject } from './json.ts';

/** What may be wrong with a response, as it shows where the response is read. */
export type ResponseProblem =
  /** Nothing came for so long, in milliseconds. */
  | { readonly kind: 'first byte' | 'idle' | 'keep-alives only'; readonly ms: number }
  /** An error came inside a stream whose status was already 200. */
  | { readonly kind: 'error frame'; readonly frame: JsonObject }
  /** A good status with a body that is no answer: a web page, nothing, half of something. */
  | { readonly kind: 'unreadable'; readonly body: string }
  /** A body, or an event, of more characters than an answer can have. */
  | { readonly kind: 'too long'; readonly longest: number };

/** A problem on its way to `translated`, where it becomes a `ModelError`. The text of errors is loaded only when it is needed. */
export class ResponseProblemError extends Error {
  readonly problem: ResponseProblem;

  constructor(problem: ResponseProblem) {
    super(problem.kind);
    this.problem = problem;
  }
}

/** Whom an error is about: it names the model and the host, and never the key. */
export interface Addressee {
  readonly model: string;
  readonly baseURL: string;
  /** Whether requests carry a key. On this machine they need none. */
  readonly hasKey: boolean;
  /** What no error may show: the key, and what else is secret in the headers. */
  readonly secrets: readonly string[];
  /** Strikes them out of a text where they stand as they are. */
  readonly redact: (text: string) => string;
}
