/** Makes ids as the gateway does: the time to the nanosecond, then eight digits that count up. */
export class RequestIds {
  #count = 0;

  /** The next request id, 31 digits, never the same twice. */
  next(): string {
    this.#count += 1;
    const [date = '', fraction = ''] = new Date().toISOString().split('.');
    const digits = date.replace(/\D/g, '');
    const nanoseconds = fraction.slice(0, 3).padEnd(9, '0');
    return digits + nanoseconds + String(this.#count).padStart(8, '0');
  }
}

/** The id of an answer: `chatcmpl-` and 24 hexadecimal digits. */
export function completionId(count: number, created: number): string {
  return `chatcmpl-${created.toString(16).padStart(8, '0')}${count.toString(16).padStart(16, '0')}`;
}
