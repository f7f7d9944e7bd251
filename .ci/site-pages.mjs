// What the site of the documentation is made of. The site (`docs/.vitepress`) and the check of links (`sync-docs`) read the same rules, so
// that a link that is dead on the site is found without building it.

/** Folders in which no page is looked for, wherever they stand. */
export const leftOut = ['node_modules', 'dist', 'test', 'templates'];

/** Files that are no pages of the site, as globs. */
export const noPages = [...leftOut.map((name) => `**/${name}/**`), '.*/**', 'AGENTS.md'];

/** Links to sources and folders of the repository: no pages of the site, and known to be none. */
export const linksToSources = [/[.](ts|mjs|tsx|json)$/, /^[.][.]?[/].*[/](src|test|examples)\b/];

/** Whether a Markdown file, by its path in the repository, is a page of the site: the same as `noPages`. */
export function isPage(path) {
  const folders = path.split(/[/\\]/).slice(0, -1);
  const isLeftOut = folders.some((name) => leftOut.includes(name));
  return path.endsWith('.md') && !isLeftOut && !path.startsWith('.') && path !== 'AGENTS.md';
}

/** Whether the site would find a link dead, though there is such a file: it looks for a page. `target` is the file's path in the repository. */
export function isDeadOnSite(link, target) {
  const [path = ''] = link.split(/[#?]/);
  const isFile = /[.](?!html$|md$)\w+$/i.test(path); // left alone: the site makes pages of Markdown only
  const written = /^[./]/.test(path) ? path : `./${path}`;
  if (path === '' || isFile || linksToSources.some((known) => known.test(written))) return false;
  return !isPage(target);
}
