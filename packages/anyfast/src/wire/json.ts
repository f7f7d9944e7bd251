/** A JSON object of which nothing is known yet: hosts leave out, rename and mistype every field there is. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that some JSON text holds; undefined when it is no JSON, or JSON of another kind. */
export function parseObject(text: string): JsonObject | undefined {
  // Every stream ends with `[DONE]`, and an error that nobody reads costs as much as parsing five frames.
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A non-empty string, or undefined: `null`, `""` and a missing field all say nothing. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A token count or another number that can be counted with; undefined when it is none. */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
