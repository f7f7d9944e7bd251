import { createHash } from 'node:crypto';
import type { FoundOperation } from './operation.ts';

const longest = 64;

/**
 * A name for each operation: its `operationId`, or its method and path. Names that would be long or double end in a hash of
 * method and path, so a name depends neither on the filter nor on the order of the document.
 */
export function nameOperations(
  all: readonly FoundOperation[],
): ReadonlyMap<FoundOperation, string> {
  const uses = new Map<string, number>();
  for (const found of all) {
    const name = plainName(found);
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  return new Map(
    all.map((found) => {
      const name = plainName(found);
      const isFit = name.length <= longest && uses.get(name) === 1;
      return [found, isFit ? name : `${name.slice(0, longest - 9)}_${hashOf(found)}`];
    }),
  );
}

function plainName({ id, method, path }: FoundOperation): string {
  const fromId = legal(id ?? '');
  const name = fromId === '' ? `${method.toLowerCase()}_${legal(path)}` : fromId;
  // The endpoint refuses a name that begins with a digit.
  return /^[A-Za-z_]/.test(name) ? name : `op_${name}`;
}

function legal(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]+/g, '_').replace(/^[_-]+|_+$/g, '');
}

function hashOf({ method, path }: FoundOperation): string {
  return createHash('sha256').update(`${method} ${path}`).digest('hex').slice(0, 8);
}
