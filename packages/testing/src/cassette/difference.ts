import { isObject, parsed } from './canonical.ts';
import type { RecordedRequest } from './exchange.ts';

/** The first place where two requests differ, both values as a message shows them. */
export interface Difference {
  readonly path: string;
  readonly recorded: string;
  readonly asked: string;
}

/** More than the places of any body: a request of another path is the nearest only where there is no other. */
const farAway = 1e9;

/** The recorded request that differs from the asked one in the fewest places; undefined where none is recorded. */
export function nearest<T extends { readonly request: RecordedRequest }>(
  asked: RecordedRequest,
  recorded: readonly T[],
): T | undefined {
  const body = parsed(asked.body);
  let best: { readonly one: T; readonly count: number } | undefined;
  for (const one of recorded) {
    const isThere = one.request.path === asked.path && one.request.method === asked.method;
    const count = countOf(parsed(one.request.body), body) + (isThere ? 0 : farAway);
    if (best === undefined || count < best.count) best = { one, count };
  }
  return best?.one;
}

/** Undefined where they ask the same. */
export function firstDifference(
  recorded: RecordedRequest,
  asked: RecordedRequest,
): Difference | undefined {
  for (const name of ['method', 'path'] as const) {
    if (recorded[name] !== asked[name]) return difference(name, recorded[name], asked[name]);
  }
  for (const found of differences(parsed(recorded.body), parsed(asked.body), '')) return found;
  return undefined;
}

function countOf(recorded: unknown, asked: unknown): number {
  let count = 0;
  for (const _ of differences(recorded, asked, '')) count++;
  return count;
}

/** In the order in which the asked request says it. */
function* differences(recorded: unknown, asked: unknown, path: string): Generator<Difference> {
  if (Array.isArray(recorded) && Array.isArray(asked)) {
    for (let at = 0; at < Math.max(recorded.length, asked.length); at++) {
      yield* differences(recorded[at], asked[at], `${path}[${at}]`);
    }
    return;
  }
  if (isObject(recorded) && isObject(asked)) {
    for (const name of new Set([...Object.keys(asked), ...Object.keys(recorded)])) {
      const place = path === '' ? name : `${path}.${name}`;
      yield* differences(recorded[name], asked[name], place);
    }
    return;
  }
  if (!Object.is(recorded, asked)) yield difference(path || 'body', recorded, asked);
}

/** In characters: of each value, from a little before the place where they part. */
const longestShown = 120;
const shownBefore = 30;

function difference(path: string, recorded: unknown, asked: unknown): Difference {
  const [was, is] = [textOf(recorded), textOf(asked)];
  let at = 0;
  while (at < was.length && was[at] === is[at]) at++;
  const from = at > longestShown - shownBefore ? at - shownBefore : 0;
  return { path, recorded: cut(was, from), asked: cut(is, from) };
}

function textOf(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function cut(text: string, from: number): string {
  const shown = text.slice(from, from + longestShown);
  const more = from + longestShown < text.length ? '…' : '';
  return `${from > 0 ? '…' : ''}${shown}${more}`;
}
