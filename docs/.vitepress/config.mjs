import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { linksToSources, noPages } from '../../.ci/site-pages.mjs';
import { siteSearch } from '../../.ci/site-search.mjs';

const root = new URL('../../', import.meta.url);

/** The title of a page is its first heading. */
const title = (path) => /^# (.*)$/m.exec(readFileSync(new URL(path, root), 'utf8'))?.[1] ?? path;
const entry = (path) => ({ text: title(path), link: `/${path.replace(/[.]md$/, '')}` });
const pages = (names) => names.map((name) => entry(`docs/${name}.md`));

const guides = [
  'start',
  'tools',
  'toolkits',
  'control',
  'events',
  'sessions',
  'serving',
  'inspector',
  'telemetry',
  'testing',
  'cli',
  'doctor',
  'deploy',
  'moving',
  'cost',
  'security',
  'errors',
  'endpoint',
  'faults',
  'benchmarks',
  'design',
];
const there = new Set(readdirSync(new URL('docs', root)));
const packages = readdirSync(new URL('packages', root))
  .map((name) => `packages/${name}/README.md`)
  .filter((path) => {
    try {
      return title(path) !== '';
    } catch {
      return false;
    }
  });

// The site is made of the very files of the repository: nothing is written twice.
export default defineConfig({
  title: 'Throughline',
  description:
    'Agents that call tools, for Kimi K2.6. It never loses a thought, and never acts on doubt.',
  srcDir: '..',
  srcExclude: noPages,
  outDir: '.vitepress/dist',
  cacheDir: '.vitepress/cache',
  cleanUrls: true,
  rewrites: { 'README.md': 'index.md' },
  ignoreDeadLinks: linksToSources,
  markdown: { html: false, attrs: { disable: true } },
  themeConfig: {
    search: { provider: 'local', options: { miniSearch: siteSearch } },
    sidebar: [
      { text: 'Guides', items: pages(guides.filter((name) => there.has(`${name}.md`))) },
      { text: 'Packages', items: packages.map(entry) },
      ...(there.has('api')
        ? [{ text: 'API', items: [{ text: 'All exports', link: '/docs/api/' }] }]
        : []),
    ],
  },
  vue: { template: { compilerOptions: { delimiters: ['\u0000{', '}\u0000'] } } },
});
