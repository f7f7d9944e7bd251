import { Readability } from '@mozilla/readability';
import { htmlToMarkdown } from '@mdream/js';
import { parseHTML } from 'linkedom';
import { stripHidden } from './hidden.ts';
import type { HtmlJob, HtmlText } from './job.ts';
import { mendLinks } from './links.ts';

/** Finding the main text takes a time that grows with the square of these: larger pages are told whole. */
const mostNodes = 30_000;
const mostDepth = 300;

/** Less text than that is no article. */
const leastMainCharacters = 200;

/** A page as Markdown, without what is hidden. Runs in a process of its own. */
export function htmlText({ html, url, full }: HtmlJob): HtmlText {
  const { document } = parseHTML(html);
  const title = document.querySelector('title')?.textContent ?? '';
  for (const element of document.querySelectorAll('title')) element.remove();
  stripHidden(document);
  mendLinks(document, url);
  const whole = String(document);
  const main = full || isLarge(document) ? undefined : mainOf(document);
  return { title, markdown: markdownOf(main ?? whole), isMain: main !== undefined };
}

/** Walked by hand: recursion would end in the stack before the page does. */
function isLarge(document: Document): boolean {
  let nodes = 0;
  let depth = 0;
  let node: Node | null = document.documentElement;
  while (node !== null) {
    nodes++;
    if (nodes > mostNodes || depth > mostDepth) return true;
    if (node.firstChild !== null) {
      node = node.firstChild;
      depth++;
      continue;
    }
    while (node !== null && node.nextSibling === null) {
      node = node.parentNode;
      depth--;
    }
    node = node?.nextSibling ?? null;
  }
  return false;
}

/** The HTML of the main text, where there is one. It takes the document apart. */
function mainOf(document: Document): string | undefined {
  try {
    const article = new Readability(document).parse();
    const isLong = (article?.textContent?.trim().length ?? 0) >= leastMainCharacters;
    return isLong ? (article?.content ?? undefined) : undefined;
  } catch {
    return undefined; // it trips over odd pages; the whole page is told then, and said to be whole
  }
}

function markdownOf(html: string): string {
  // Its other ways to clean up take a time that grows with the square of the page.
  const markdown = htmlToMarkdown(html, { clean: { blankLines: true } });
  return markdown.replace(emptyLink, '').replace(scriptLink, '](#').trim();
}

/** A link or a picture without words: an icon, or a picture that counts readers. */
const emptyLink = /!?\[\s{0,20}\]\([^()\s]{0,2100}\)/g;

/** The page's plain text may look like a link as well. */
const scriptLink = /\]\(\s{0,20}<?\s{0,20}(?:javascript|data|vbscript|file):/gi;
