import { ToolError } from '@throughline/core';
import type { Placed } from './auth.ts';
import { isObject } from './document.ts';
import { bodyKey } from './input.ts';
import type { Input } from './input.ts';
import type { FoundOperation, Location, Operation, Parameter, RequestBody } from './operation.ts';
import { refusal, shown } from './trouble.ts';
import { encode, headerText, pairsOf, pathText, plain } from './write-value.ts';
import type { Pair } from './write-value.ts';

/** A request that is ready to be sent. */
export interface ReadyRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string | undefined;
}

/** Where requests of an operation go, and what stands in them besides the model's arguments. */
export interface Frame {
  readonly found: FoundOperation;
  readonly operation: Operation;
  readonly input: Input;
  readonly server: URL;
}

const inBraces = /\{([^{}]*)\}/g;

/** Throws unless each name of the path has its parameter, and the path is one. */
export function checkTemplate({ path }: FoundOperation, { parameters }: Operation): void {
  const names = new Set(parameters.filter((one) => one.in === 'path').map(({ name }) => name));
  for (const [, name = ''] of path.matchAll(inBraces)) {
    if (!names.has(bare(name))) throw refusal(`no parameter describes ${shown(`{${name}}`)}.`);
  }
  const literal = escaped(path).replace(inBraces, 'x');
  const isPath = new URL(`https://host.example${path.startsWith('/') ? '' : '/'}${literal}`);
  if (isPath.pathname !== literal) throw refusal(`${shown(path)} is more or less than a path.`);
}

/** What a path may not hold as it is, outside of the names in it. */
function escaped(template: string): string {
  return template.replace(
    /(\{[^{}]*\})|[^\x21-\x7e]|["<>^`|]/gu,
    (letter, name) => name ?? encode(letter),
  );
}

/** Google writes `{+name}` for a value of several path segments. */
function bare(name: string): string {
  return name.replace(/^[+]/, '');
}

/** Places the arguments. Throws a `ToolError` for a value that cannot stand safely in its place. */
export function makeRequest(
  { found, operation, input, server }: Frame,
  given: Readonly<Record<string, unknown>>,
  own: { readonly headers: readonly Pair[]; readonly placed: readonly Placed[] },
): ReadyRequest {
  const all = [...input.parameters].map(([key, parameter]) => ({ parameter, value: given[key] }));
  const inPlace = (place: Location) =>
    all.filter(({ parameter, value }) => parameter.in === place && value !== undefined);
  const secret = (place: Location) => own.placed.filter((one) => one.in === place);

  const url = new URL(server.origin);
  const path = server.pathname.replace(/[/]+$/, '') + fillPath(found.path, inPlace('path'));
  url.pathname = path;
  if (url.pathname !== path || url.origin !== server.origin) {
    throw new ToolError(`The path would become ${shown(url.pathname)}, so nothing was sent.`);
  }
  const hidden = new Set(secret('query').map(({ key }) => encode(key)));
  const query = inPlace('query')
    .flatMap(({ parameter, value }) => pairsOf(parameter.name, value, parameter))
    .filter(([name]) => !hidden.has(name));
  for (const { key, value } of secret('query')) query.push([encode(key), encode(value)]);
  url.search = query.map(([name, value]) => `${name}=${value}`).join('&');

  const headers = new Headers({ accept: 'application/json, text/*;q=0.9, */*;q=0.5' });
  for (const { parameter, value } of inPlace('header')) {
    if (value !== null) headers.set(parameter.name, headerText(parameter.name, value, parameter));
  }
  const cookies = inPlace('cookie').flatMap(({ parameter, value }) =>
    pairsOf(parameter.name, value, { style: parameter.style, explode: false }),
  );
  for (const { key, value } of secret('cookie')) cookies.push([key, encode(value)]);
  if (cookies.length > 0)
    headers.set('cookie', cookies.map(([name, value]) => `${name}=${value}`).join('; '));
  const body = given[bodyKey];
  const isSent = operation.body !== undefined && body !== undefined;
  if (operation.body !== undefined && isSent)
    headers.set('content-type', operation.body.contentType);
  for (const [name, value] of own.headers) headers.set(name, value);
  for (const { key, value } of secret('header')) headers.set(key, value);
  return {
    method: found.method,
    url,
    headers,
    body: operation.body !== undefined && isSent ? written(operation.body, body) : undefined,
  };
}

function fillPath(
  template: string,
  values: readonly { readonly parameter: Parameter; readonly value: unknown }[],
): string {
  return escaped(template).replace(inBraces, (_, inside: string) => {
    const found = values.find(({ parameter }) => parameter.name === bare(inside));
    const { style = 'simple', explode = false } = found?.parameter ?? {};
    return pathText(bare(inside), found?.value, { style, explode, isMany: inside.startsWith('+') });
  });
}

function written({ kind, encoding }: RequestBody, body: unknown): string {
  if (kind === 'json') return JSON.stringify(body);
  if (kind === 'text') return plain(body);
  if (!isObject(body)) throw new ToolError(`The body is ${shown(body)}; a form has named members.`);
  const pairs = Object.entries(body).flatMap(([name, value]) => {
    const isDeep = isObject(value) || (Array.isArray(value) && value.some((one) => isObject(one)));
    // So the specification has it for what is no plain value and of which the document says nothing.
    const usual = { style: isDeep ? 'json' : 'form', explode: true } as const;
    return pairsOf(name, value, encoding.get(name) ?? usual);
  });
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}
