// Pulls the code of the Markdown files from the programs that are run and tested, and checks relative links.
//
//   ```ts file=examples/first.ts#answer      what stands between `// #region answer` and `// #endregion` of that file
//   ```ts file=examples/first.ts             the whole file
//   ```ts sketch                             not meant to run: left alone
//
// `pnpm sync-docs` writes; `pnpm sync-docs --check` only complains. Another folder may be given as the last argument.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeadOnSite, isPage, leftOut } from './site-pages.mjs';

const check = process.argv.includes('--check');
const folder = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
const root = folder === undefined ? fileURLToPath(new URL('..', import.meta.url)) : resolve(folder);

/** The API reference, which `pnpm run docs` makes of the doc comments. */
const generated = join(root, 'docs/api');

const problems = [];
const pages = [...markdownFiles(root)].sort();
for (const page of pages) {
  const before = readFileSync(page, 'utf8');
  const after = pullCode(page, before);
  if (after !== before && check)
    complain(page, 0, 'its code differs from its files; run `pnpm sync-docs`');
  if (after !== before && !check) {
    writeFileSync(page, after);
    console.log(`wrote ${relative(root, page)}`);
  }
  checkLinks(page, after);
}
const index = join(root, 'docs/llms.txt');
if (existsSync(index)) {
  const fresh = llmsText();
  if (readFileSync(index, 'utf8') !== fresh && check)
    complain(index, 0, 'it is not the list of pages; run `pnpm sync-docs`');
  else writeFileSync(index, fresh);
}
for (const problem of problems) console.error(problem);
console.log(`${pages.length} pages, ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);

function complain(page, line, words) {
  problems.push(`${relative(root, page)}${line > 0 ? `:${line}` : ''}: ${words}`);
}

function* markdownFiles(at) {
  for (const entry of readdirSync(at, { withFileTypes: true })) {
    const path = join(at, entry.name);
    const isOurs =
      !leftOut.includes(entry.name) && !entry.name.startsWith('.') && path !== generated;
    if (entry.isDirectory() && isOurs) yield* markdownFiles(path);
    if (entry.isFile() && entry.name.endsWith('.md')) yield path;
  }
}

/** The list of pages for language models (llmstxt.org): of each its title and its first sentences. */
function llmsText() {
  const [readme, ...others] = pages
    .map((page) => {
      const text = readFileSync(page, 'utf8');
      const title = /^# (.*)$/m.exec(text)?.[1] ?? relative(root, page);
      const prose = text
        .replace(/^```[\s\S]*?^```/gm, '')
        .split('\n\n')
        .find((part) => /^(?![#|!<>-]|\[!|\d+\.|`{3})\S/.test(part.trim()));
      const first = (prose ?? '')
        .replaceAll('\n', ' ')
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .trim();
      return { title, first: upToASentence(first, 240), path: relative(root, page) };
    })
    .filter(({ path }) => !/^(AGENTS|CONTRIBUTING)/.test(path))
    .sort((a, b) => Number(b.path === 'README.md') - Number(a.path === 'README.md'));
  const lines = (of) =>
    others
      .filter(({ path }) => of.test(path))
      .map(({ title, first, path }) => `- [${title}](../${path}): ${first}`);
  return `# ${readme.title}\n\n> ${readme.first}\n\n## Guides\n\n${lines(/^docs\//).join('\n')}\n\n## Packages\n\n${lines(/^packages\//).join('\n')}\n\n## Examples\n\n${lines(/^examples\//).join('\n')}\n`;
}

/** As many whole sentences as fit; of a longer one its first words. */
function upToASentence(text, most) {
  if (text.length <= most) return text;
  const fitting = text.slice(0, most);
  const end = fitting.lastIndexOf('. ');
  return end > 0 ? fitting.slice(0, end + 1) : `${fitting.slice(0, fitting.lastIndexOf(' '))} …`;
}

/** The page with the code of every `file=` fence put in anew. */
function pullCode(page, text) {
  const lines = text.split('\n');
  const out = [];
  for (let at = 0; at < lines.length; at++) {
    const [opening, indent, ticks, language, , source] = openFence(lines[at]) ?? [];
    out.push(lines[at]);
    if (opening === undefined) continue;
    const end = lines.findIndex((line, index) => index > at && line.trim() === ticks);
    if (end < 0) {
      complain(page, at + 1, 'this code block is never closed');
      return text;
    }
    const body = lines.slice(at + 1, end);
    const words = opening.trim().split(/\s+/).slice(1);
    if (
      /^(ts|tsx|js|mjs|typescript|javascript)$/.test(language) &&
      !source &&
      !words.includes('sketch')
    ) {
      complain(
        page,
        at + 1,
        'this code is taken from no file: give `file=path#region`, or `sketch` if it is not meant to run',
      );
    }
    const fresh = source ? readSource(page, at + 1, source) : undefined;
    out.push(...(fresh?.map((line) => (line === '' ? '' : indent + line)) ?? body), lines[end]);
    at = end;
  }
  return out.join('\n');
}

function openFence(line) {
  return /^(\s*)(`{3,}|~{3,})([\w+-]*)((?:\s+(?:file=(\S+)|[\w=-]+))*)\s*$/.exec(line);
}

/** The lines of `path#region`, without region marks, moved to the left edge. */
function readSource(page, line, source) {
  const [path, region] = source.split('#');
  const file = resolve(root, path);
  if (!existsSync(file)) return void complain(page, line, `there is no file ${path}`);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const found = region === undefined ? lines : cutRegion(lines, region);
  if (found === undefined)
    return void complain(page, line, `${path} has no closed region "${region}"`);
  const shown = found.filter((text) => !/^\s*(\/\/|#)\s*#(end)?region\b/.test(text));
  while (shown.length > 0 && shown[0].trim() === '') shown.shift();
  while (shown.length > 0 && shown.at(-1).trim() === '') shown.pop();
  if (shown.length === 0) return void complain(page, line, `${source} is empty`);
  const margin = Math.min(...shown.filter((text) => text.trim()).map((text) => text.search(/\S/)));
  return shown.map((text) => text.slice(margin).trimEnd());
}

function cutRegion(lines, region) {
  const start = lines.findIndex((text) => /#region\s+(\S+)/.exec(text)?.[1] === region);
  if (start < 0) return undefined;
  let depth = 0;
  for (let at = start; at < lines.length; at++) {
    if (/^\s*(\/\/|#)\s*#region\b/.test(lines[at])) depth++;
    if (/^\s*(\/\/|#)\s*#endregion\b/.test(lines[at])) depth--;
    if (depth === 0) return lines.slice(start + 1, at);
  }
  return undefined;
}

/** Relative links must lead to a file of this repository, which the site must have as a page, and `#…` to a heading in it. */
function checkLinks(page, text) {
  const prose = withoutCode(text);
  const links = /(?:\]\(\s*<?|^\[[^\]^]+\]:\s*<?|(?:href|src)=")([^\s)>"]+)/gm;
  for (const match of prose.matchAll(links)) {
    const line = prose.slice(0, match.index).split('\n').length;
    const link = match[1];
    if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) continue;
    const [path, anchor] = decodeURI(link).split('#');
    const target = path === '' ? page : resolve(dirname(page), path);
    if (relative(root, target).startsWith('..'))
      complain(page, line, `${link} leads out of the repository`);
    else if (!existsSync(target)) complain(page, line, `${link} leads nowhere`);
    else if (
      anchor &&
      target.endsWith('.md') &&
      statSync(target).isFile() &&
      !anchors(target).has(anchor)
    ) {
      complain(page, line, `${link}: there is no heading "${anchor}"`);
    } else if (isPage(relative(root, page)) && isDeadOnSite(link, relative(root, target))) {
      complain(page, line, `${link} is no page of the site: link to a page, or to nothing`);
    }
  }
}

/** Code blocks and code spans are blanked, so that lines keep their numbers. */
function withoutCode(text) {
  const blank = (code) => code.replace(/[^\n]/g, ' ');
  return text
    .replace(/^(\s*)(`{3,}|~{3,}).*\n[\s\S]*?^\s*\2\s*$/gm, blank)
    .replace(/(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g, blank);
}

/** The anchors a host makes of the headings of a page. */
function anchors(page) {
  const seen = new Map();
  const found = new Set();
  const text = readFileSync(page, 'utf8').replace(
    /^(\s*)(`{3,}|~{3,}).*\n[\s\S]*?^\s*\2\s*$/gm,
    '',
  );
  for (const [, heading] of text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\b_(.+?)_\b/g, '$1');
    const words = plain.toLowerCase();
    const slug = words
      .replace(/[^\p{L}\p{N}\p{M}_\s-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    found.add(times === 0 ? slug : `${slug}-${times}`);
  }
  return found;
}
