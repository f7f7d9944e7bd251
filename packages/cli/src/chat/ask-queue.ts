import type { CallPending, Decision } from '@throughline/core';
import { mayRun, modelAsks, ruleOf } from './question.ts';
import type { Question } from './question.ts';

/** Where questions are shown. */
export interface Asker {
  readonly width: number;
  clean(text: string): string;
  /** Another question stands first, or none does any more. */
  changed(question: Question | undefined): void;
}

/**
 * The calls that wait for the person, one question at a time. What they have allowed for good holds for this chat, and for nothing that
 * may have run already.
 */
export class AskQueue {
  readonly #asker: Asker;
  readonly #always = new Set<string>();
  #waiting: Promise<unknown> = Promise.resolve();
  #current: Question | undefined;

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  get current(): Question | undefined {
    return this.#current;
  }

  /** Asks about a call, once the questions before it are answered. Rejects where the run is aborted. */
  decide(call: CallPending, signal: AbortSignal): Promise<Decision> {
    const asked = this.#waiting.then(() => this.#ask(call, signal));
    this.#waiting = asked.catch(() => {});
    return asked;
  }

  /** Takes an answer to the question that stands. Words that are none come back. */
  answer(text: string): string | undefined {
    return this.#current?.answer(text);
  }

  async #ask(call: CallPending, signal: AbortSignal): Promise<Decision> {
    signal.throwIfAborted();
    const rule = ruleOf(call).key;
    if (this.#always.has(rule) && call.mayHaveRun === undefined) return { approve: true };
    const { width } = this.#asker;
    const clean = (text: string) => this.#asker.clean(text);
    let decide: (decision: Decision) => void = () => {};
    const decided = new Promise<Decision>((resolve, reject) => {
      decide = (decision) => {
        this.#stand(undefined); // at once: the next key is meant for something else
        resolve(decision);
      };
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    const asks = await modelAsks(call, { clean, decide });
    signal.throwIfAborted();
    const question =
      asks ??
      mayRun(call, {
        width,
        clean,
        decide: (decision, always) => {
          if (always) this.#always.add(rule);
          decide(decision);
        },
      });
    try {
      this.#stand(question);
      return await decided;
    } finally {
      if (this.#current === question) this.#stand(undefined);
    }
  }

  #stand(question: Question | undefined): void {
    this.#current = question;
    this.#asker.changed(question);
  }
}
