import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isPage } from './site-pages.mjs';
import { siteSearch } from './site-search.mjs';

/** A section of a page, as the search of the site sees it. */
interface Section {
  readonly id: string;
  readonly page: string;
  readonly title: string;
  /** The headings that it stands under. */
  readonly titles: string;
  readonly text: string;
}

interface Search {
  addAll(sections: readonly Section[]): void;
  search(words: string): readonly { readonly page: string; readonly id: string }[];
}

const root = fileURLToPath(new URL('..', import.meta.url));
const requireOf = createRequire(createRequire(import.meta.url).resolve('vitepress'));
// The search of the site, with the site's own settings.
const MiniSearch = requireOf('minisearch') as new (options: object) => Search;
const search = new MiniSearch({
  fields: ['title', 'titles', 'text'],
  storeFields: ['page'],
  searchOptions: siteSearch.searchOptions,
  ...siteSearch.options,
});
search.addAll(pages().flatMap(sectionsOf));

test.each([
  ['how do I stream to the browser', 'docs/serving.md'],
  ['plug in an MCP server', 'docs/tools.md'],
  ['see what was sent to the endpoint', 'docs/endpoint.md'],
  ['test my agent without a key', 'docs/testing.md'],
  ['ask a person for approval', 'docs/tools.md'],
  ['store a conversation', 'docs/sessions.md'],
  ['limit the cost of a run', 'docs/control.md'],
  ['write my own toolkit', 'docs/toolkits.md'],
  ['migrate from LangChain', 'docs/moving.md'],
  ['what does the error context_overflow mean', 'docs/errors.md'],
])('the first page for "%s" is %s', (question, page) => {
  const hits = search.search(question);
  expect(hits[0]?.page).toBe(page);
});

function pages(folder = ''): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}${entry.name}`;
    if (entry.isFile()) return isPage(path) ? [path] : [];
    const isOurs = entry.isDirectory() && !/^(node_modules|dist|[.].*)$/.test(entry.name);
    return isOurs && path !== 'docs/api' ? pages(`${path}/`) : [];
  });
}

/** A page, cut at its headings. */
function sectionsOf(page: string): readonly Section[] {
  const titles: string[] = [];
  const text = readFileSync(join(root, page), 'utf8');
  const parts = text.split(/^(?=#{1,6} )/m).filter((part) => part.startsWith('#'));
  return parts.map((part, at) => {
    const [, marks = '', title = ''] = /^(#+) (.*)/.exec(part) ?? [];
    titles.length = Math.min(titles.length, marks.length - 1);
    const above = titles.join(' ');
    titles.push(title);
    return {
      id: `/${page}#${at}`,
      page,
      title,
      titles: above,
      text: part.slice(part.indexOf('\n')),
    };
  });
}
