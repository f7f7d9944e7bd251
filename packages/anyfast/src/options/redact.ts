/** Below this length a "key" is a common word, and striking it out would strike out the text. */
const shortestKey = 4;

/** Keys as gateways print them, whole or masked: `sk-abc…`, `sk-abc***xyz`. */
const keyShape = /\bsk-[\w*.…-]{3,}/g;

/**
 * A function that strikes the keys out of a text: whole, in capitals, without their `sk-` (the gateway strips it before it
 * prints), and whatever else looks like a key. Other writings of them are known to `strikeOut`, which is loaded with errors.
 */
export function redactor(...keys: readonly (string | undefined)[]): (text: string) => string {
  const forms = keys
    .flatMap((key = '') => [key, key.replace(/^sk-/, '')])
    .filter((form) => form.length >= shortestKey);
  const whole = forms.map((form) => new RegExp(form.replace(/\W/g, '\\$&'), 'gi'));
  return (text) => {
    let clean = text;
    for (const form of whole) clean = clean.replace(form, '[key]');
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
