import { ThroughlineError } from '@throughline/core';

/** Throws the `invalid_option` that names the option, its value and what it must be. */
export function refuse(option: string, value: unknown, wanted: string): never {
  const told = `anyfast(): ${option} is ${shown(value)}, but it must be ${wanted}.`;
  throw new ThroughlineError('invalid_option', told);
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
export function words(option: string, value: unknown): void {
  if (value === undefined || (typeof value === 'string' && value !== '')) return;
  refuse(option, value, 'a non-empty string');
}

/** A function, or undefined. */
export function callable(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') refuse(option, value, 'a function');
}

function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
