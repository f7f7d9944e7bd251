/** The most of a page that is looked at. A title stands at its beginning. */
const looked = 64 * 1024;

/** A web page's title, or its first words, so that a person sees which page it was. */
export function summaryOfPage(page: string): string {
  const html = page.slice(0, looked);
  const lower = html.toLowerCase();
  const open = lower.indexOf('<title');
  const from = open === -1 ? -1 : lower.indexOf('>', open);
  const to = from === -1 ? -1 : lower.indexOf('<', from);
  const title = to === -1 ? '' : html.slice(from + 1, to).trim();
  return title === '' ? bareWords(html, lower).slice(0, 200) : title.slice(0, 200);
}

/** What stands between the tags, but for scripts and styles. Each sign is passed once. */
function bareWords(html: string, lower: string): string {
  let text = '';
  let at = 0;
  while (at < html.length && text.length < 1000) {
    const tag = html.indexOf('<', at);
    text += ` ${html.slice(at, tag === -1 ? undefined : tag).trim()}`;
    if (tag === -1) break;
    const hidden = ['script', 'style'].find((name) => lower.startsWith(name, tag + 1));
    const close = hidden === undefined ? tag : lower.indexOf(`</${hidden}`, tag);
    const end = close === -1 ? -1 : html.indexOf('>', close);
    if (end === -1) break;
    at = end + 1;
  }
  return text.replace(/\s+/g, ' ').trim();
}
