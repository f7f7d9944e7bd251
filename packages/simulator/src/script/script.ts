import type { ChatRequest } from '../wire/chat-request.ts';
import { isObject } from '../wire/json.ts';
import { breachOfAnswer } from './check.ts';
import type { Script, ScriptedAnswer } from './scripted-answer.ts';

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

  /** The answer to a request. Rejects if the script has none, or if its function throws or gives none. */
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
      if (!isObject(answer)) {
        throw new Error(`The script gave no answer to request number ${index + 1}.`);
      }
      const breach = breachOfAnswer(answer);
      if (breach) {
        throw new Error(`The script's answer to request number ${index + 1} ${breach}.`);
      }
      return { index, answer };
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
