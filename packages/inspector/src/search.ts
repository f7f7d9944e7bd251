import type { Catalog } from './catalog.ts';
import { excerptOf } from './excerpt.ts';
import type { Hit, Summary } from './shown.ts';

/** So many places of one session are told. */
const mostHits = 20;

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
    const hits = await hitsIn(catalog, summary.id, { wanted, signal }).catch((error: unknown) => {
      if (signal.aborted) throw error;
      return []; // it was deleted, or broke, since it was listed; the list says so
    });
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
  for await (const { lines } of catalog.source.tail(id)) {
    signal.throwIfAborted();
    for (const { seq, event } of lines) {
      const excerpt = excerptOf(event, wanted);
      if (excerpt === undefined || isEcho(event.type, excerpt, hits)) continue;
      hits.push({ seq, type: event.type, excerpt });
      if (hits.length === mostHits) return hits;
    }
  }
  return hits;
}

/** The start of a call says its arguments again, and the end of a run its last text. */
function isEcho(type: string, excerpt: string, hits: readonly Hit[]): boolean {
  return (
    ['call.start', 'call.pending', 'run.end'].includes(type) &&
    hits.some((hit) => hit.excerpt === excerpt)
  );
}
