import { ToolError } from '@throughline/core';
import { isObject } from './document.ts';
import type { Style } from './operation.ts';
import { shown } from './trouble.ts';

/** A name and a value, both percent-encoded. */
export type Pair = readonly [name: string, value: string];

/** Percent-encodes all but letters, digits and `-._~`. */
export function encode(text: string): string {
  if (!text.isWellFormed()) {
    throw new ToolError(`${shown(text)} holds half a character, which cannot be sent.`);
  }
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A value as plain text: what is not a text, a number or a truth value is written as JSON. */
export function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const separators: Partial<Record<Style, string>> = {
  form: ',',
  spaceDelimited: '%20',
  pipeDelimited: '%7C',
  tabDelimited: '%09',
};

/** A value of a query or a form, as names and values. No value, an empty list and an empty object are not written. */
export function pairsOf(
  name: string,
  value: unknown,
  { style, explode }: { readonly style: Style; readonly explode: boolean },
): readonly Pair[] {
  if (value === undefined || value === null) return [];
  if (style === 'json') return [[encode(name), encode(JSON.stringify(value))]];
  if (style === 'deepObject') return deep(name, value, 0);
  if (Array.isArray(value)) {
    if (value.length === 0) return [];
    const items = value.map((item) => encode(plain(item)));
    if (explode) return items.map((item) => [encode(name), item]);
    return [[encode(name), items.join(separators[style] ?? ',')]];
  }
  if (isObject(value)) {
    const members = membersOf(value);
    if (members.length === 0) return [];
    if (explode) return members;
    return [[encode(name), members.flat().join(separators[style] ?? ',')]];
  }
  return [[encode(name), encode(plain(value))]];
}

const deepest = 20;

/** `a[b][0]=c`, as PHP, Rails and Stripe read it. */
function deep(name: string, value: unknown, depth: number): readonly Pair[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object') return [[encode(name), encode(plain(value))]];
  if (depth > deepest)
    throw new ToolError(`${shown(name)} is nested deeper than ${deepest} levels.`);
  return Object.entries(value).flatMap(([key, one]) => deep(`${name}[${key}]`, one, depth + 1));
}

function membersOf(value: object): readonly Pair[] {
  return Object.entries(value)
    .filter(([, one]) => one !== undefined && one !== null)
    .map(([key, one]) => [encode(key), encode(plain(one))]);
}

/** A value of a path, encoded. Throws a `ToolError` for one that is empty, or that could lead to another path. */
export function pathText(
  name: string,
  value: unknown,
  { style, explode, isMany }: { style: Style; explode: boolean; isMany: boolean },
): string {
  const parts = isObject(value) ? Object.entries(value).flat() : [value].flat();
  const texts = parts.map(plain);
  if (texts.length === 0 || texts.some((text) => text === '')) {
    throw new ToolError(`${shown(name)} is a part of the path, so it must not be empty.`);
  }
  for (const text of texts) checkPathText(name, text);
  const write = (text: string) => (isMany ? text.split('/').map(encode).join('/') : encode(text));
  if (style === 'json') return write(JSON.stringify(value));
  const items = isObject(value)
    ? Object.entries(value).map(
        ([key, one]) => `${write(key)}${explode ? '=' : ','}${write(plain(one))}`,
      )
    : texts.map(write);
  if (style === 'label') return `.${items.join(explode ? '.' : ',')}`;
  if (style !== 'matrix') return items.join(',');
  if (!explode) return `;${encode(name)}=${items.join(',')}`;
  return items.map((item) => (isObject(value) ? `;${item}` : `;${encode(name)}=${item}`)).join('');
}

const mostDecodings = 5;

/** Some servers decode a path twice, or take `\` for `/`: so `..` is refused in every writing. */
function checkPathText(name: string, text: string): void {
  let now = text;
  for (let times = 0; times < mostDecodings; times++) {
    if (
      /(^|[/\\;])[.]{1,2}($|[/\\;])/.test(now) ||
      /^[/\\]|[/\\]{2}|[/\\]$/.test(now) ||
      /\p{Cc}/u.test(now)
    ) {
      throw new ToolError(
        `${shown(name)} is ${shown(text)}, which could lead to another path. Write a name without "..", empty parts or control characters.`,
      );
    }
    const next = now.replace(/%[0-9a-f]{2}/gi, (code) =>
      String.fromCharCode(Number.parseInt(code.slice(1), 16)),
    );
    if (next === now) return;
    now = next;
  }
  throw new ToolError(`${shown(name)} is percent-encoded many times over.`);
}

/** A value of a header. Throws a `ToolError` for what could begin another header, and for what is not ASCII. */
export function headerText(
  name: string,
  value: unknown,
  { style, explode }: { style: Style; explode: boolean },
): string {
  let text = plain(value);
  if (style === 'json') text = JSON.stringify(value);
  else if (Array.isArray(value)) text = value.map(plain).join(',');
  else if (isObject(value)) {
    const between = explode ? '=' : ',';
    text = Object.entries(value)
      .map(([key, one]) => `${key}${between}${plain(one)}`)
      .join(',');
  }
  if (/^[\t\x20-\x7e]*$/.test(text)) return text;
  throw new ToolError(`The header ${shown(name)} takes one line of ASCII, not ${shown(text)}.`);
}
