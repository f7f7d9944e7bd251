import type { JsonObject } from '../wire/json.ts';

/** Something the compiled schema does not say, and where: `properties.email`, `format: "email"`. */
export interface SchemaLoss {
  readonly path: string;
  readonly lost: string;
}
/** Keywords that assert nothing and tell the model nothing. */
const silent = new Set([
  '$schema',
  '$id',
  '$anchor',
  '$dynamicAnchor',
  '$recursiveAnchor',
  '$comment',
  '$vocabulary',
  '$defs',
  'definitions',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
  'contentEncoding',
  'contentMediaType',
  'title',
  'description',
  'discriminator',
  'externalDocs',
  'xml',
]);
const longestNote = 160;
/**
 * What of a subschema cannot be said in Moonshot's flavour: the keywords of it that are not in `said`, each as
 * a few words for the model, e.g. `format: email`.
 */
export function notesOf(node: JsonObject, said: ReadonlySet<string>): readonly string[] {
  return Object.entries(node).flatMap(([key, value]) => {
    if (said.has(key) || silent.has(key) || key.startsWith('x-') || value === undefined) return [];
    // What some generators write for "not given" says nothing.
    if (value === null && key !== 'default') return [];
    return note(key, value);
  });
}
/** The description with the notes after it; undefined when there is nothing to say. */
export function describe(description: unknown, notes: readonly string[]): string | undefined {
  const own = typeof description === 'string' ? description.trim() : '';
  if (notes.length === 0) return own === '' ? undefined : own;
  const told = `(${notes.join('; ')})`;
  return own === '' ? told : `${own} ${told}`;
}
function note(key: string, value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return `${key}: ${text.length > longestNote ? `${text.slice(0, longestNote)}…` : text}`;
}
