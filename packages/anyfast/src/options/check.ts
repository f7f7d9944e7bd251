import { ThroughlineError } from '@throughline/core';
import { environment } from './environment.ts';
import { redactor } from './redact.ts';

/** Checks options by `make`; an option that it refuses is told without the key, which may stand in its place. */
export function withoutKey<T>(key: unknown, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ThroughlineError) || error.code !== 'invalid_option') throw error;
    const redact = redactor(`${key ?? ''}`.trim(), environment('ANYFAST_API_KEY'));
    throw new ThroughlineError('invalid_option', redact(error.message));
  }
}

/** Throws the `invalid_option` that names the option, its value and what it must be. */
export function refuse(option: string, value: unknown, wanted: string): never {
  throw invalid(option, shown(value), wanted);
}

/** The same for a value that may be the key, or hold it: only its kind is told. */
export function refuseUnseen(option: string, value: unknown, wanted: string): never {
  throw invalid(option, kindOf(value), wanted);
}

function invalid(option: string, found: string, wanted: string): ThroughlineError {
  const told = `anyfast(): ${option} is ${found}, but it must be ${wanted}.`;
  return new ThroughlineError('invalid_option', told);
}

/** A range, both ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A number of the range, or undefined. */
export function within(option: string, value: unknown, { from, to }: Range): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || !(value >= from && value <= to)) {
    refuse(option, value, `a number from ${from} to ${to}`);
  }
}

/** A whole number of the range, or undefined. */
export function whole(option: string, value: unknown, { from, to }: Range): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < from || value > to) {
    const upTo = to === Number.MAX_SAFE_INTEGER ? 'or more' : `to ${to}`;
    refuse(option, value, `a whole number from ${from} ${upTo}`);
  }
}

/** A non-empty string, or undefined. */
export function text(option: string, value: unknown): void {
  if (value === undefined || (typeof value === 'string' && value !== '')) return;
  refuse(option, value, 'a non-empty string');
}

/** A function, or undefined. */
export function callable(option: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  refuseUnseen(option, value, 'a function');
}

/** A long word of letters and digits says nothing to a reader, unless it is a key. */
const opaque = /(?=[\w+/=-]*\d)[\w+/=-]{24,}/g;

/** A value as a message shows it. What looks like a key is struck out: it may stand where another option should. */
function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  const safe = redactor()(written(value).slice(0, 1000)).replace(opaque, '[key?]');
  return safe.length > 80 ? `${safe.slice(0, 80)}…` : safe;
}

function written(value: unknown): string {
  try {
    const isJson = typeof value === 'string' || (typeof value === 'object' && value !== null);
    return isJson ? JSON.stringify(value) : String(value);
  } catch {
    return `a value of type ${typeof value}`; // it holds itself, or is a trap
  }
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
