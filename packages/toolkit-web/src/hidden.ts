const neverShown =
  'script, style, template, noscript, iframe, object, embed, svg, canvas, datalist, ' +
  '[hidden], dialog:not([open]), input[type="hidden"]';

/**
 * Takes out what a person does not see: the usual place for words that are meant for a model. It looks at elements,
 * attributes and inline styles; what a style sheet hides stays.
 */
export function stripHidden(document: Document): void {
  for (const element of document.querySelectorAll(neverShown)) element.remove();
  for (const element of document.querySelectorAll('[style], font[color]')) {
    if (isHidden(element)) element.remove();
  }
}

type Style = ReadonlyMap<string, string>;

function isHidden(element: Element): boolean {
  const style = styleOf(element);
  const is = (name: string, pattern: RegExp) => pattern.test(style.get(name) ?? '');
  return (
    is('display', /^none$/) ||
    is('visibility', /^(hidden|collapse)$/) ||
    is('content-visibility', /^hidden$/) ||
    isFaint(style.get('opacity') ?? '') ||
    isTiny(style.get('font-size') ?? '') ||
    is('transform', /scale[xy]?\(\s*0*([.]0*)?\s*[,)]/) ||
    is('clip', /^rect\((\s*[01](px)?[\s,]*){4}\)$/) ||
    is('clip-path', /^inset\(\s*(50|100)%/) ||
    ['text-indent', 'left', 'top', 'right', 'bottom', 'margin-left', 'margin-top'].some((name) =>
      is(name, /^-\d{4,}([.]\d+)?(px|pt|em|rem|vw|%)?$|^-999/),
    ) ||
    isCropped(style) ||
    isInvisibleInk(element, style)
  );
}

function isFaint(opacity: string): boolean {
  const value = Number.parseFloat(opacity);
  return (opacity.endsWith('%') ? value / 100 : value) < 0.05;
}

/** Letters of less than two pixels, or of none. */
function isTiny(size: string): boolean {
  const value = Number.parseFloat(size);
  return /(em|rem)$/.test(size) ? value < 0.1 : size.endsWith('%') ? value < 10 : value < 2;
}

function isCropped(style: Style): boolean {
  const none = ['width', 'height', 'max-width', 'max-height'].some((name) =>
    /^[01](px)?$/.test(style.get(name) ?? 'auto'),
  );
  return none && /hidden|clip/.test(style.get('overflow') ?? '');
}

/** Letters in the colour of the paper, as far as inline styles say. */
function isInvisibleInk(element: Element, style: Style): boolean {
  const ink = colour(style.get('color') ?? element.getAttribute('color') ?? '');
  if (ink === '') return false;
  return ink === 'transparent' || ink === paperUnder(element);
}

/** How far up the paper is looked for. */
const mostAncestors = 30;

function paperUnder(element: Element): string {
  let at: Element | null = element;
  for (let level = 0; at !== null && level < mostAncestors; level++) {
    const style = styleOf(at);
    const paper =
      style.get('background-color') ?? style.get('background') ?? at.getAttribute('bgcolor');
    if (paper) return colour(paper);
    at = at.parentElement;
  }
  return '#ffffff';
}

const names: Readonly<Record<string, string>> = { white: '#ffffff', black: '#000000' };

/** One spelling for the usual ways to write a colour. */
function colour(text: string): string {
  const plain = text.trim().toLowerCase();
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/.exec(plain);
  if (short)
    return `#${short
      .slice(1)
      .map((digit) => digit + digit)
      .join('')}`;
  const rgb =
    /^rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*(?:[,/]\s*([\d.]+%?)\s*)?\)$/.exec(plain);
  if (rgb === null) return names[plain] ?? plain;
  if (rgb[4] !== undefined && Number.parseFloat(rgb[4]) === 0) return 'transparent';
  return `#${rgb
    .slice(1, 4)
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')}`;
}

const longestStyle = 20_000;

function styleOf(element: Element): Style {
  const text = (element.getAttribute('style') ?? '').slice(0, longestStyle);
  const plain = text
    .replace(/[/][*].*?[*][/]/gs, '')
    .replace(/\\([0-9a-f]{1,6})\s?/gi, (_, hex: string) => letter(Number.parseInt(hex, 16)));
  const style = new Map<string, string>();
  for (const declaration of plain.split(';')) {
    const [name = '', ...value] = declaration.split(':');
    style.set(
      name.trim().toLowerCase(),
      value
        .join(':')
        .replace(/!\s*important/i, '')
        .trim()
        .toLowerCase(),
    );
  }
  return style;
}

function letter(code: number): string {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
