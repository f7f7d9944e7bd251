// Research over a documentation site, with citations that are checked: `start 6 [question] [folder of Markdown files]`.
import { Agent, inputOf, textOf } from '@throughline/core';
import type { CallMade } from '@throughline/core';
import { web } from '@throughline/toolkit-web';
import { withModel } from '../lib/model.ts';
import { asCalled, beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';
import { researcher } from './script.ts';
import { Site } from './site.ts';

const [question = 'What is stored before a call runs?', folder] = process.argv.slice(2);
const docs = folder === undefined ? beside(import.meta.url, '../../docs') : asCalled(folder);
const screen = new Screen({ input: process.stdin, output: process.stdout });
const site = await Site.open(docs);

try {
  await withModel(researcher, async (model) => {
    const search = (query: string, { limit }: { readonly limit: number }) =>
      site.search(query, limit);
    const agent = new Agent({
      model,
      instructions:
        'Answer from the pages of the site alone. Quote them word for word as “…” [1], and list the sources as [1] address at the end.',
      // Loopback is closed to the toolkit, but for this one host and port.
      tools: [web({ allow: [site.host], allowPrivate: [site.host], search })],
    });
    screen.line('dim', `The site: http://${site.host}, made of ${docs}`);
    screen.line('bold', `${question}\n`);
    const { text, calls } = await screen.watch(agent.stream(question));
    await agent.dispose();
    checkCitations(text, calls);
  });
} finally {
  await site.close();
}

/** A citation counts if the page was fetched in this run, and the quote stands on it, letter for letter. */
function checkCitations(text: string, calls: readonly CallMade[]): void {
  const pages = new Map(
    calls
      .filter(({ name, outcome }) => name === 'fetch_page' && outcome === 'ok')
      .map((call) => [(inputOf(call) as { url: string }).url, textOf(call.content)]),
  );
  const sources = new Map(
    [...text.matchAll(/^\[(\d+)\] (\S+)$/gm)].map(([, key, url]) => [key, url]),
  );
  const quotes = [...text.matchAll(/“([^\n]+)” \[(\d+)\]/g)];
  console.log('\nCitations, checked by the program:');
  for (const [, quote = '', key] of quotes) {
    const url = sources.get(key) ?? '';
    const stands = pages.get(url)?.includes(quote) ?? false;
    console.log(
      `  ${stands ? '✓' : '✗'} [${key}] ${stands ? 'stands on' : 'DOES NOT STAND on'} ${url}`,
    );
  }
  if (quotes.length === 0) console.log('  none');
}
