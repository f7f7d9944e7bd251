/** A price with tax, in whole cents. */
export function withTax(cents, rate) {
  return Math.floor(cents * (1 + rate));
}
