import type { FoundOperation, OperationFacts } from './operation.ts';
import type { OpenApiOptions } from './options.ts';
import { refusal, shown } from './trouble.ts';

/** More tools than this confuse a model and fill its context, so the host chooses. */
const mostWithoutFilter = 40;

/** The operations that the host wants. Throws for a name that no operation has, and for none or too many. */
export function chooseOperations(
  all: readonly FoundOperation[],
  wanted: OpenApiOptions['operations'],
): readonly FoundOperation[] {
  if (wanted === undefined) return notTooMany(all);
  if (typeof wanted === 'function') return all.filter((found) => wanted(factsOf(found)) === true);
  if (!Array.isArray(wanted))
    throw refusal('operations is neither a list of names nor a function.');
  const names: readonly unknown[] = wanted;
  const lost = names.find((name) => !all.some((found) => isCalled(found, name)));
  if (lost !== undefined)
    throw refusal(`there is no operation ${shown(lost)}. ${nearest(all, lost)}`);
  return all.filter((found) => names.some((name) => isCalled(found, name)));
}

function notTooMany(all: readonly FoundOperation[]): readonly FoundOperation[] {
  if (all.length === 0) throw refusal('the document has no operations.');
  if (all.length <= mostWithoutFilter) return all;
  const some = all.slice(0, 2).map((found) => shown(found.id ?? titleOf(found)));
  const tag = all.find(({ tags }) => tags.length > 0)?.tags[0] ?? 'pets';
  throw refusal(
    `the document has ${all.length} operations, which is too many for a model (more than ${mostWithoutFilter}). ` +
      `Choose some: operations: [${some.join(', ')}], or ` +
      `operations: ({ tags, method }) => tags.includes(${shown(tag)}) && method === 'GET'.`,
  );
}

function factsOf({ id, method, path, tags, summary, deprecated }: FoundOperation): OperationFacts {
  return { id, method, path, tags, summary, deprecated };
}

function isCalled(found: FoundOperation, name: unknown): boolean {
  return name === found.id || name === titleOf(found);
}

function titleOf({ method, path }: FoundOperation): string {
  return `${method} ${path}`;
}

function nearest(all: readonly FoundOperation[], name: unknown): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wanted = plain(String(name));
  const like = all.filter((found) =>
    [found.id ?? '', titleOf(found)].some((own) => {
      const text = plain(own);
      return text !== '' && wanted !== '' && (text.includes(wanted) || wanted.includes(text));
    }),
  );
  const some = (like.length > 0 ? like : all).slice(0, 5);
  return `There are ${some.map((found) => shown(found.id ?? titleOf(found))).join(', ')}${all.length > 5 ? ' and others' : ''}.`;
}
