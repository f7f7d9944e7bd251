/** "maximum 3 requests in 5 minutes" is no wait that was asked for: "in" counts only after "again" and the like. */
const asked =
  /(?:\bafter|\b(?:again|retry|wait)\s+(?:in|for))\s+(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?)\b/i;

/**
 * How long the endpoint asks us to wait, in milliseconds: from `Retry-After` (seconds or an HTTP date), else
 * from words like "please try again after 1 seconds", which Moonshot writes when a gateway drops the header.
 */
export function retryAfterMs(headers: Headers | undefined, text: string): number | undefined {
  const header = headers?.get('retry-after')?.trim();
  if (header) {
    const seconds = Number(header);
    if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds * 1000));
    const date = Date.parse(header);
    if (!Number.isNaN(date)) return Math.max(0, date - Date.now());
  }
  const [, amount, unit] = asked.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  return Math.ceil(Number(amount) * msOf(unit.toLowerCase()));
}

function msOf(unit: string): number {
  if (unit.startsWith('ms') || unit.startsWith('mil')) return 1;
  return unit.startsWith('m') ? 60_000 : 1000;
}
