const longestLink = 2_000;

/** Makes every link and picture address whole, and drops what is no web address, such as `javascript:` and `data:`. */
export function mendLinks(document: Document, url: string): void {
  const base = wholeUrl(document.querySelector('base[href]')?.getAttribute('href'), url) ?? url;
  for (const link of document.querySelectorAll('[href]')) {
    const href = wholeUrl(link.getAttribute('href'), base);
    if (href === undefined) link.removeAttribute('href');
    else link.setAttribute('href', href);
  }
  for (const picture of document.querySelectorAll('img')) {
    const src = wholeUrl(picture.getAttribute('src'), base);
    if (src !== undefined) picture.setAttribute('src', src);
    else picture.replaceWith(picture.getAttribute('alt') ?? '');
  }
}

function wholeUrl(text: string | null | undefined, base: string): string | undefined {
  if (text === null || text === undefined || !URL.canParse(text, base)) return undefined;
  const url = new URL(text, base);
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  // A bracket or a space in the address would end the link in Markdown.
  const href = url.href.replace(/[()<>\s]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
  return isWeb && href.length <= longestLink ? href : undefined;
}
