import type { Catalog } from './catalog.ts';
import type { Hit, Summary } from './shown.ts';

/** So many places of one session are told. */
const mostHits = 20;
/** Characters before and after what was found. */
const around = 60;

/** The sessions in which the words stand, in any case, anywhere: what was said, reasoning, arguments, results. */
export async function search(
  catalog: Catalog,
  words: string,
  signal: AbortSignal,
): Promise<readonly Summary[]> {
  const wanted = words.toLowerCase();
  const found: Summary[] = [];
  for (const summary of await catalog.list()) {
    if (summary.state === 'unreadable') continue;
    const hits = await hitsIn(catalog, summary.id, { wanted, signal });
    const isNamed = summary.id.toLowerCase().includes(wanted);
    if (hits.length > 0 || isNamed) found.push({ ...summary, hits });
  }
  return found;
}

async function hitsIn(
  catalog: Catalog,
  id: string,
  { wanted, signal }: { readonly wanted: string; readonly signal: AbortSignal },
): Promise<readonly Hit[]> {
  const hits: Hit[] = [];
  for await (const { lines } of catalog.source.read(id)) {
    signal.throwIfAborted();
    for (const { seq, event } of lines) {
      const excerpt = excerptOf(event, wanted);
      if (excerpt === undefined) continue;
      hits.push({ seq, type: event.type, excerpt });
      if (hits.length === mostHits) return hits;
    }
  }
  return hits;
}

/** The first text inside a value that holds the words. */
function excerptOf(value: unknown, wanted: string): string | undefined {
  if (typeof value === 'string') {
    const at = value.toLowerCase().indexOf(wanted);
    if (at === -1) return undefined;
    const from = Math.max(0, at - around);
    const to = at + wanted.length + around;
    const text = value.slice(from, to).replace(/\s+/g, ' ');
    return `${from > 0 ? '…' : ''}${text}${to < value.length ? '…' : ''}`;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const one of Object.values(value)) {
    const found = excerptOf(one, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
