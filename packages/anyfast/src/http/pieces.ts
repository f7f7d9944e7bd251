/** A byte below this begins and ends a character. */
const asciiBelow = 0x80;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The pieces of a body as text, whole characters only, whatever the bytes are cut at. Nearly every piece ends with a character,
 * and is read by a decoder that keeps nothing: one that does is several times as slow, and large.
 */
export class Pieces {
  /** Holds the beginning of a character. */
  #open: typeof decoder | undefined;
  #begun = false;

  read(bytes: Uint8Array): string {
    const isWhole = (bytes.at(-1) ?? asciiBelow) < asciiBelow;
    if (isWhole && this.#open === undefined) return this.#told(decoder.decode(bytes));
    this.#open ??= new TextDecoder('utf-8', { ignoreBOM: true });
    const text = this.#open.decode(bytes, { stream: !isWhole });
    if (isWhole) this.#open = undefined;
    return this.#told(text);
  }

  /** What the end of the body leaves of a character. */
  end(): string {
    return this.#told(this.#open?.decode() ?? '');
  }

  /** A byte order mark is no text, at the beginning. */
  #told(text: string): string {
    if (this.#begun || text === '') return text;
    this.#begun = true;
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  }
}
