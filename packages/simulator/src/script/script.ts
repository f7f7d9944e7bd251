import type { ChatRequest } from '../wire/chat-request.ts';
import { hashOf } from '../wire/hash.ts';
import { isObject } from '../wire/json.ts';
import { breachOfAnswer } from './check.ts';
import type { Script, ScriptedAnswer } from './scripted-answer.ts';

/** An answer taken from the script for one request. */
export interface TakenAnswer {
  /** Its place in the list; of a function, how many answers it gave before. */
  readonly index: number;
  /** How many answers were taken before, also by earlier passes over a list that starts again. */
  readonly count: number;
  readonly answer: ScriptedAnswer;
}

interface Waiting extends TakenAnswer {
  readonly body: string;
  readonly claim: 'anyone' | 'same body';
}

/** So many answers wait for the same body to be sent again; a client may never do so. */
const mostWaiting = 1_000;

/**
 * Reads a script so that a fault consumes nothing: an answer that a fatal fault kept from the client waits for the next
 * request, and one that the client itself left waits for the same body. This folder owns what the model says; it fires
 * no fault and writes nothing to the wire.
 */
export class ScriptReader {
  readonly #script: Script;
  readonly #loop: boolean;
  readonly #waiting: Waiting[] = [];
  #next = 0;

  /** With `loop` a list starts again at its end. */
  constructor(script: Script, { loop }: { readonly loop: boolean }) {
    this.#script = script;
    this.#loop = loop;
  }

  /** The answer to a request. Rejects if the script has none, or if its function throws or gives none. */
  async take(request: ChatRequest, bodyText: string): Promise<TakenAnswer> {
    const body = hashOf(bodyText);
    const waiting = this.#claim(body);
    const script = this.#script;
    if (waiting && (waiting.body === body || typeof script !== 'function')) return waiting;
    if (typeof script !== 'function') return this.#takeFrom(script);
    const count = waiting?.count ?? this.#next;
    if (!waiting) this.#next += 1;
    const answer: unknown = await script(request, { index: count });
    if (!isObject(answer)) {
      throw new Error(
        `The script gave no answer to request number ${count + 1}. Its function must return one, such as { text: "Hello." }.`,
      );
    }
    const breach = breachOfAnswer(answer);
    if (breach) throw new Error(`The script's answer to request number ${count + 1} ${breach}.`);
    return { index: count, count, answer };
  }

  /** Takes an answer back that did not arrive: for anyone who asks next, or for the same body. */
  giveBack(taken: TakenAnswer, bodyText: string, claim: Waiting['claim']): void {
    const { index, count, answer } = taken;
    this.#waiting.push({ index, count, answer, body: hashOf(bodyText), claim });
    this.#waiting.sort((a, b) => a.count - b.count);
    if (this.#waiting.length <= mostWaiting) return;
    const oldest = this.#waiting.findIndex((waiting) => waiting.claim === 'same body');
    if (oldest >= 0) this.#waiting.splice(oldest, 1);
  }

  #takeFrom(script: readonly ScriptedAnswer[]): TakenAnswer {
    const count = this.#next;
    const index = this.#loop && script.length > 0 ? count % script.length : count;
    const answer = script[index];
    if (answer === undefined) {
      throw new Error(
        `The script has no answer for request number ${count + 1}: it holds ${script.length}. Add answers, or set loop (--loop) to start it again at its end.`,
      );
    }
    this.#next += 1;
    return { index, count, answer };
  }

  #claim(body: string): Waiting | undefined {
    const same = this.#waiting.findIndex((waiting) => waiting.body === body);
    const at = same >= 0 ? same : this.#waiting.findIndex(({ claim }) => claim === 'anyone');
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }
}
