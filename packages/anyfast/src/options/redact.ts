/** Keys as gateways print them, whole or masked: `sk-abc…`, `sk-abc***xyz`. */
const keyShape = /\bsk-[A-Za-z0-9_*.…-]{3,}/g;

/** Below this length a "key" is a common word, and striking it out would strike out the text. */
const shortestKey = 4;

/**
 * A function that strikes the key out of a text: the key itself, the key without `sk-` (the gateway strips
 * it before it prints), and whatever else looks like a key.
 */
export function redactor(key: string | undefined): (text: string) => string {
  const bare = key?.replace(/^sk-/, '') ?? '';
  const forms = [key ?? '', bare].filter((form) => form.length >= shortestKey);
  return (text) => {
    let clean = text;
    for (const form of forms) clean = clean.replaceAll(form, '[key]');
    return withoutHalf(clean, forms).replace(keyShape, '[key]');
  };
}

/** A text that breaks off may do so in the middle of the key. */
function withoutHalf(text: string, forms: readonly string[]): string {
  for (const form of forms) {
    for (let length = form.length - 1; length >= shortestKey; length--) {
      if (text.endsWith(form.slice(0, length))) return `${text.slice(0, -length)}[key]`;
    }
  }
  return text;
}
