import { inspect } from 'node:util';

/** A JSON object whose members are not known yet. */
export type JsonObject = { readonly [key: string]: unknown };

/** Whether a value is a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses a JSON text. The value is wrapped, since `undefined` says that the text is no JSON. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** A copy of an object without one of its members. */
export function without<Whole extends object, Key extends keyof Whole>(
  whole: Whole,
  key: Key,
): Omit<Whole, Key> {
  const { [key]: _left, ...rest } = whole;
  return rest;
}
/** A value in a sentence. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : inspect(value, { depth: 0, breakLength: 200 });
}
