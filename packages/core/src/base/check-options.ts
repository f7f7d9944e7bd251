import { ThroughlineError } from './error.ts';

/**
 * Throws `invalid_option` for options that are no object, and for one that does not exist: a misspelt guard would
 * silently guard nothing. `where` names the function in the message, e.g. `tool()`; `known` has a key for each option.
 */
export function checkOptions(
  where: string,
  given: unknown,
  known: Readonly<Record<string, unknown>>,
): void {
  if (typeof given !== 'object' || given === null) {
    throw new ThroughlineError(
      'invalid_option',
      `${where} takes its options as an object, not ${kindOf(given)}. It has ${listOf(known)}.`,
    );
  }
  const odd = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (odd === undefined) return;
  throw new ThroughlineError(
    'invalid_option',
    `${where} has no option "${odd}". It has ${listOf(known)}.`,
  );
}

/** Throws `invalid_option` where an option is given that must be a function and is none. */
export function checkFunctions(where: string, options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || typeof value === 'function') continue;
    throw new ThroughlineError(
      'invalid_option',
      `${where}: ${name} is ${shown(value)}, but it must be a function.`,
    );
  }
}

/** A value as a message shows it, short. Never throws, whatever the value does when it is looked at. */
export function shown(value: unknown): string {
  const short = typeof value === 'string' && value.length > 80 ? `${value.slice(0, 80)}…` : value;
  const words = written(short);
  return words.length > 90 ? `${words.slice(0, 80)}…` : words;
}

function written(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  try {
    const isJson = typeof value === 'string' || (typeof value === 'object' && value !== null);
    return String(isJson ? JSON.stringify(value) : value);
  } catch {
    return kindOf(value); // it holds itself, or is a trap
  }
}

/** What stands where options should may be a key, so it is not shown. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function listOf(known: Readonly<Record<string, unknown>>): string {
  return Object.keys(known).join(', ');
}
