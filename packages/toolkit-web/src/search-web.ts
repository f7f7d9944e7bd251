import { tool, ToolError } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import { aboutFence, fenced } from './fence.ts';
import { orAborted } from './or-aborted.ts';
import { count, shown, wholeLetters } from './words.ts';

/** One thing that was found. */
export interface SearchResult {
  readonly title: string;
  readonly url: string;
  readonly snippet?: string;
  /** As the provider writes it. */
  readonly date?: string;
}

/**
 * Searches the web: the host's own connection to a search service. `limit` is how many results are told at most. A
 * `ToolError` it throws reaches the model as it is; of any other error the model learns only that the search failed.
 */
export type SearchWeb = (
  query: string,
  scope: { readonly limit: number; readonly signal: AbortSignal },
) => readonly SearchResult[] | Promise<readonly SearchResult[]>;

/** Twenty of them stay below what a result may have, so that its marks are never cut off. */
const longest = { title: 300, snippet: 500, url: 1_000, date: 40 };

const input = z.object({
  query: z.string().trim().min(1).max(1_000).describe('What to search for.'),
  limit: z.int().min(1).max(20).default(8).describe('How many results to tell at most.'),
});

type Asked = z.output<typeof input>;

/** The tool `search_web`. `ended` is aborted when the toolkit is disposed of. */
export function searchWeb(search: SearchWeb, ended: AbortSignal): Tool<unknown> {
  return tool({
    name: 'search_web',
    description: `Searches the web and tells titles, addresses and excerpts of pages; fetch_page reads them. ${aboutFence}`,
    inputSchema: input,
    effect: 'read',
    execute: async ({ query, limit }: Asked, scope) => {
      const signal = AbortSignal.any([scope.signal, ended]);
      signal.throwIfAborted();
      const asked = Promise.resolve().then(() => search(query, { limit, signal }));
      const found: unknown = await orAborted(asked, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        // A provider's own message may hold its URL and key.
        throw error instanceof ToolError
          ? error
          : new ToolError('The search failed.', { cause: error });
      });
      if (!Array.isArray(found)) {
        throw new ToolError('The search failed: its provider returned no list of results.');
      }
      const results = found.filter(isResult).slice(0, limit);
      if (results.length === 0) return `Nothing was found for ${shown(query)}.`;
      const words = results.map((result, index) => `${index + 1}. ${told(result)}`).join('\n');
      return `${count(results.length, 'result')} for ${shown(query)}:\n${fenced(words)}`;
    },
  });
}

/** Only what can be fetched is worth telling. */
function isResult(value: unknown): value is SearchResult {
  if (typeof value !== 'object' || value === null) return false;
  const { title, url } = value as Partial<Record<keyof SearchResult, unknown>>;
  if (typeof title !== 'string' || typeof url !== 'string') return false;
  if (!URL.canParse(url)) return false;
  const { href, protocol } = new URL(url);
  return /^https?:$/.test(protocol) && href.length <= longest.url;
}

function told({ title, url, snippet, date }: SearchResult): string {
  const lines = [
    date === undefined
      ? short(title, longest.title)
      : `${short(title, longest.title)} (${short(date, longest.date)})`,
    new URL(url).href,
    ...(snippet === undefined || snippet === '' ? [] : [short(snippet, longest.snippet)]),
  ];
  return lines.join('\n   ');
}

function short(text: unknown, most: number): string {
  const plain = String(text).replace(/\s+/g, ' ').trim();
  return plain.length > most ? `${wholeLetters(plain.slice(0, most))}…` : plain;
}
