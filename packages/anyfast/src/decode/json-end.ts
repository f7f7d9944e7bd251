/**
 * Follows JSON text while it grows: whether it stands inside a string, and whether one object is closed. It checks no
 * grammar. Each character is looked at once.
 */
export class JsonEnd {
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** The first object or list has been closed. */
  #closed = false;
  /** Something stands behind it. */
  #followed = false;

  get inString(): boolean {
    return this.#inString;
  }

  /** One whole object or list, and nothing but white space behind it. */
  get isClosed(): boolean {
    return this.#closed && !this.#followed;
  }

  push(text: string): void {
    for (let at = 0; at < text.length; at++) {
      if (!this.#inString) this.#outside(text.charCodeAt(at));
      else if (this.#isEscaped) this.#isEscaped = false;
      else if (text.charCodeAt(at) === backslash) this.#isEscaped = true;
      else if (text.charCodeAt(at) === quote) this.#inString = false;
    }
  }

  #outside(code: number): void {
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) return;
    if (this.#closed) this.#followed = true;
    if (code === quote) this.#inString = true;
    else if (code === 0x7b || code === 0x5b) this.#depth++;
    else if (code === 0x7d || code === 0x5d) {
      this.#depth--;
      if (this.#depth === 0) this.#closed = true;
    }
  }
}

const quote = 0x22;
const backslash = 0x5c;
