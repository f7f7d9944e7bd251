/** How long the endpoint asks us to wait, wherever it says so: in a header, in a field of its error, in words. */

import { longestForeign } from '../wire/foreign-text.ts';

/**
 * The wait in milliseconds. A header counts before a field, and a field before words like "please try again after 1 seconds",
 * which Moonshot writes when a gateway drops the header.
 */
export function retryAfterMs(
  headers: Headers | undefined,
  text: string,
  field?: number,
): number | undefined {
  return inHeaders(headers) ?? field ?? inWords(text.slice(0, longestForeign));
}

function inHeaders(headers: Headers | undefined): number | undefined {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const ms = numberOf(headers?.get(name) ?? '');
    if (ms !== undefined) return Math.ceil(ms);
  }
  return waitOf(headers?.get('retry-after') ?? '');
}

/** A wait as a header or a field says it: seconds, a date, or a duration such as `34.07s`. */
export function waitOf(value: unknown): number | undefined {
  const said = typeof value === 'number' ? String(value) : value;
  if (typeof said !== 'string' || said.length > 100) return undefined;
  const seconds = numberOf(said);
  if (seconds !== undefined) return Math.ceil(seconds * 1000);
  const duration = wholeDuration.exec(said.trim());
  return duration === null ? untilDate(said) : msOf(said);
}

function numberOf(said: string): number | undefined {
  const value = said.trim() === '' ? NaN : Number(said);
  return Number.isFinite(value) ? Math.max(0, value) : undefined;
}

function untilDate(said: string): number | undefined {
  const date = Date.parse(said);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

const unit =
  '(?:milliseconds?|millis|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|毫秒|秒钟?|分钟?|个?小时|天)';
const part = `\\d{1,9}(?:\\.\\d{1,9})?\\s{0,3}${unit}`;
/** `1m0.5s`, `2h30m`, "1 minute and 5 seconds", "5 小时". */
const duration = `${part}(?:\\s{0,3}(?:,|and)?\\s{0,3}${part}){0,5}(?![a-z])`;
const wholeDuration = new RegExp(`^${duration}$`, 'i');

/** "maximum 3 requests in 5 minutes" is no wait that was asked for: "in" counts only after "again" and the like. */
const asked = [
  new RegExp(`\\bafter\\s{1,3}(?:about\\s{1,3})?(${duration})`, 'i'),
  new RegExp(
    `\\b(?:again|retry|retrying|wait|resets?|available|renews?)\\s{1,3}(?:(?:in|for|within|at least|about)\\s{1,3}){0,2}(${duration})`,
    'i',
  ),
  new RegExp(`\\bretry[ _-]?(?:after|delay)["':=\\s]{1,5}(${duration})`, 'i'),
  new RegExp(`(${duration})\\s{0,3}(?:之?后|以后)`, 'i'),
  new RegExp(`(?:等待|稍等)\\s{0,3}(${duration})`, 'i'),
];
const askedUntil =
  /\b(?:again|retry|wait|resets?|available)\s{1,3}(?:after|at|on|until)\s{1,3}(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d))/i;

function inWords(text: string): number | undefined {
  for (const phrase of asked) {
    const said = phrase.exec(text)?.[1];
    if (said !== undefined) return msOf(said);
  }
  return untilDate(askedUntil.exec(text)?.[1] ?? '');
}

const amounts = new RegExp(`(\\d{1,9}(?:\\.\\d{1,9})?)\\s{0,3}(${unit})`, 'gi');

function msOf(said: string): number {
  let ms = 0;
  for (const [, amount, name = ''] of said.matchAll(amounts)) {
    ms += Number(amount) * msOfUnit(name.toLowerCase());
  }
  return Math.ceil(ms);
}

function msOfUnit(name: string): number {
  if (/^(?:ms|mil|毫)/.test(name)) return 1;
  if (/^(?:s|秒)/.test(name)) return 1000;
  if (/^(?:m|分)/.test(name)) return 60_000;
  return /^(?:d|天)/.test(name) ? 86_400_000 : 3_600_000;
}
