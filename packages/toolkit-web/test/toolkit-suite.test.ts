import { toolkitSuite } from '@throughline/testing';
import { describe, it } from 'vitest';
import { html, kitOf, site } from './site.ts';

const here = site();
here.on('/page', html('<title>A page</title><p>A word.'));
here.on('/long', html(`<p>${'A long line of words. '.repeat(9_000)}`));
here.on('/silent', () => undefined);
const results = Array.from({ length: 50 }, (_, at) => ({
  title: `Result ${at}`,
  url: `https://example.com/${at}`,
  snippet: 'words '.repeat(2_000),
}));

/** Finds nothing before the call is aborted, where `silence` is asked for. */
async function search(query: string, { signal }: { readonly signal: AbortSignal }) {
  if (query !== 'silence') return results;
  return await new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error)),
  );
}

/** An input that is known once the site listens. */
const page = (path: string) => async () => ({ url: `${here.url}${path}` });

describe('the toolkit', () => {
  const cases = {
    make: () => ({ toolkit: kitOf({ allowPrivate: [here.host], robots: false, search }) }),
    tools: {
      fetch_page: {
        effect: 'read',
        works: page('/page'),
        fails: page('/nowhere'),
        tellsMuch: page('/long'),
        waits: page('/silent'),
      },
      search_web: {
        effect: 'read',
        works: { query: 'words' },
        tellsMuch: { query: 'words', limit: 20 },
        waits: { query: 'silence' },
      },
    },
  } as const;
  for (const check of toolkitSuite(cases)) it(check.name, () => check.run());
});
