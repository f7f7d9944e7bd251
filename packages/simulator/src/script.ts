import type { ChatRequest } from './chat-request.ts';
import type { FaultUse } from './fault-plan.ts';
import { isObject } from './json.ts';

/** What the model says, in order: a list of answers, or a function asked for each. */
export type Script =
  | readonly ScriptedAnswer[]
  | ((
      request: ChatRequest,
      about: { readonly index: number },
    ) => ScriptedAnswer | Promise<ScriptedAnswer>);

/** One answer of the scripted model. What is left out is not said. */
export interface ScriptedAnswer {
  readonly reasoning?: string | undefined;
  readonly text?: string | undefined;
  /** Calls of tools. `arguments` as an object is sent as JSON text, a string is sent raw. */
  readonly calls?: readonly ScriptedCall[] | undefined;
  /** Default: `tool_calls` if there are calls, else `stop`. */
  readonly finishReason?: string | undefined;
  /** Counts to report instead of the estimated ones. Totals are always made to fit. */
  readonly usage?: ScriptedUsage | undefined;
  /** Wait before the first byte, in ms. */
  readonly delayMs?: number | undefined;
  /** Wait between chunks, in ms; default: the simulator's own. */
  readonly pieceDelayMs?: number | undefined;
  /** Pause before each later call, in ms. */
  readonly callDelayMs?: number | undefined;
  /** Faults of this answer alone, once each by default. */
  readonly faults?: readonly FaultUse[] | undefined;
}

/** A call in a scripted answer. Without an `id` it gets the native one, `name:n`. */
export interface ScriptedCall {
  readonly name: string;
  readonly arguments?: unknown;
  readonly id?: string | undefined;
}

/** Counts a script may fix; cached never exceeds prompt, reasoning never completion. */
export interface ScriptedUsage {
  readonly prompt_tokens?: number | undefined;
  readonly completion_tokens?: number | undefined;
  readonly cached_tokens?: number | undefined;
  readonly reasoning_tokens?: number | undefined;
}

/** An answer taken from the script for one request. */
export interface TakenAnswer {
  readonly index: number;
  readonly answer: ScriptedAnswer;
}

interface Waiting extends TakenAnswer {
  readonly bodyText: string;
  readonly claim: 'anyone' | 'same body';
}

/**
 * Reads a script so that a fault consumes nothing: an answer that a fatal fault kept from the
 * client waits for the next request, and one the client itself left waits for the same body.
 */
export class ScriptReader {
  readonly #script: Script;
  readonly #waiting: Waiting[] = [];
  #next = 0;

  constructor(script: Script) {
    this.#script = script;
  }

  /** The answer to a request. Rejects if the script has none, or if its function throws. */
  async take(request: ChatRequest, bodyText: string): Promise<TakenAnswer> {
    const waiting = this.#claim(bodyText);
    if (waiting && (waiting.bodyText === bodyText || typeof this.#script !== 'function')) {
      return waiting;
    }
    const index = waiting?.index ?? this.#next;
    const script = this.#script;
    if (typeof script === 'function') {
      if (!waiting) this.#next += 1;
      const answer: unknown = await script(request, { index });
      if (isObject(answer)) return { index, answer };
      throw new Error(`The script gave no answer to request number ${index + 1}.`);
    }
    const answer = script[index];
    if (answer === undefined) {
      throw new Error(
        `The script has no answer for request number ${index + 1}: it holds ${script.length}.`,
      );
    }
    this.#next += 1;
    return { index, answer };
  }

  /** Takes an answer back that did not arrive: for anyone who asks next, or for the same body. */
  giveBack(taken: TakenAnswer, bodyText: string, claim: Waiting['claim']): void {
    this.#waiting.push({ index: taken.index, answer: taken.answer, bodyText, claim });
    this.#waiting.sort((a, b) => a.index - b.index);
  }

  #claim(bodyText: string): Waiting | undefined {
    const same = this.#waiting.findIndex((waiting) => waiting.bodyText === bodyText);
    const at = same >= 0 ? same : this.#waiting.findIndex(({ claim }) => claim === 'anyone');
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }
}
