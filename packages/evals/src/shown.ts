/** A value of the caller's in an error: as JSON, which knows neither NaN nor Infinity nor a bigint, and cut. */
export function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  return textOf(value).slice(0, 80);
}

function textOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  try {
    const odd = (_: string, part: unknown) => (isOdd(part) ? String(part) : part);
    return String(JSON.stringify(value, odd));
  } catch {
    return 'a value that is no JSON'; // it holds itself
  }
}

function isOdd(part: unknown): boolean {
  return typeof part === 'bigint' || (typeof part === 'number' && !Number.isFinite(part));
}
