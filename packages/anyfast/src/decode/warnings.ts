import type { Batch } from './batch.ts';

/** What is told of an answer that was mended or left out: each thing once, without the key. */
export class Warnings {
  readonly #batch: Batch;
  readonly #redact: (text: string) => string;
  #told: Set<string> | undefined;

  constructor(batch: Batch, redact: (text: string) => string) {
    this.#batch = batch;
    this.#redact = redact;
  }

  /** `kind`: what is told once although its words differ. */
  tell(message: string, kind = message): void {
    if (this.#told?.has(kind)) return;
    (this.#told ??= new Set()).add(kind);
    // What a host or a model wrote must not steer the terminal that it is printed to.
    this.#batch.warn(this.#redact(message).replace(/\p{Cc}/gu, codeOf));
  }
}

function codeOf(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
