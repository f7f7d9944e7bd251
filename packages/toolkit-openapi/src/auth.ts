import type { CallScope } from '@throughline/core';
import { ToolError } from '@throughline/core';
import { follow, isObject, listOf, textOf } from './document.ts';
import type { JsonObject } from './document.ts';
import type { FoundOperation, Location } from './operation.ts';
import { refusal, shown } from './trouble.ts';

/** An API key or a token as it is, or what HTTP Basic asks for. */
export type Credential = string | { readonly username: string; readonly password: string };

/** A credential, or a function that is asked for it at each call. */
export type CredentialSource<Context = unknown> =
  | Credential
  | ((scope: CallScope<Context>) => Credential | Promise<Credential>);

/** How one security scheme of the document is met. */
export interface Scheme<Context> {
  readonly name: string;
  readonly in: Location;
  /** The header, parameter or cookie. */
  readonly key: string;
  readonly kind: 'key' | 'bearer' | 'basic';
  readonly source: CredentialSource<Context>;
}

/** A credential in its place. */
export interface Placed {
  readonly in: Location;
  readonly key: string;
  readonly value: string;
  /** Texts that no result may show. */
  readonly secrets: readonly string[];
}

/** The schemes that the host has credentials for. Throws for a name that the document does not know. */
export function schemesOf<Context>(
  root: JsonObject,
  auth: Readonly<Record<string, CredentialSource<Context>>>,
): ReadonlyMap<string, Scheme<Context>> {
  const components = isObject(root['components']) ? root['components'] : {};
  const known = root['securityDefinitions'] ?? components['securitySchemes'];
  const declared: JsonObject = isObject(known) ? known : {};
  return new Map(
    Object.entries(auth).map(([name, source]) => {
      if (!Object.hasOwn(declared, name)) {
        const names = Object.keys(declared).map(shown).join(', ') || 'none';
        throw refusal(`auth names the security scheme ${shown(name)}; the document has ${names}.`);
      }
      if (!isSource(source)) {
        throw refusal(
          `auth of ${shown(name)} is no text, no { username, password } and no function.`,
        );
      }
      return [name, { name, source, ...placeOf(name, follow(root, declared[name])) }];
    }),
  );
}

function isSource(value: unknown): boolean {
  return typeof value === 'function' || isCredential(value);
}

function isCredential(value: unknown): value is Credential {
  if (typeof value === 'string') return value !== '';
  return (
    isObject(value) &&
    typeof value['username'] === 'string' &&
    typeof value['password'] === 'string'
  );
}

function placeOf(name: string, node: unknown): Pick<Scheme<unknown>, 'in' | 'key' | 'kind'> {
  const scheme = isObject(node) ? node : {};
  const header = { in: 'header', key: 'Authorization' } as const;
  const type = textOf(scheme, 'type');
  if (type === 'basic') return { ...header, kind: 'basic' };
  if (type === 'oauth2' || type === 'openIdConnect') return { ...header, kind: 'bearer' };
  const http = textOf(scheme, 'scheme')?.toLowerCase();
  if (type === 'http' && (http === 'bearer' || http === 'basic')) return { ...header, kind: http };
  const place = textOf(scheme, 'in') ?? '';
  const key = textOf(scheme, 'name') ?? '';
  const isToken = /^[!#$%&'*+.^`|~\w-]+$/.test(key);
  if (type === 'apiKey' && ['header', 'query', 'cookie'].includes(place) && isToken) {
    return { in: place as Location, key, kind: 'key' };
  }
  throw refusal(
    `the security scheme ${shown(name)} is ${shown([type, http ?? place].join(' '))}, which is not supported; send its header by headers.`,
  );
}

/**
 * The schemes that an operation's requests carry: the first alternative that the host can meet. `unmet` names the schemes of an
 * operation that asks for some and can have none.
 */
export function schemesFor<Context>(
  root: JsonObject,
  { node }: FoundOperation,
  schemes: ReadonlyMap<string, Scheme<Context>>,
): { readonly met: readonly Scheme<Context>[]; readonly unmet: readonly string[] } {
  const alternatives = listOf(node['security'] ?? root['security'])
    .filter(isObject)
    .map((one) => Object.keys(one));
  const able = alternatives.filter((names) => names.every((name) => schemes.has(name)));
  // An operation that may be called without credentials gets them where there are some.
  const chosen = able.find((names) => names.length > 0) ?? able[0];
  const met = (chosen ?? []).flatMap((name) => schemes.get(name) ?? []);
  const unmet = chosen === undefined ? alternatives.flat() : [];
  return { met, unmet: [...new Set(unmet)] };
}

/** Asks for the credential and puts it into its place. No error says anything of its value. */
export async function place<Context>(
  scheme: Scheme<Context>,
  scope: CallScope<Context>,
): Promise<Placed> {
  const { name, source, kind } = scheme;
  const failed = () => new ToolError(`The host has no usable credential for ${shown(name)} now.`);
  let credential: unknown = source;
  if (typeof source === 'function') {
    try {
      credential = await source(scope);
    } catch {
      // What a host's function throws may hold the very secret.
      scope.signal.throwIfAborted();
      throw failed();
    }
  }
  if (!isCredential(credential)) throw failed();
  const { value, secrets } = written(credential, kind);
  if (!/^[\x20-\x7e]+$/.test(value)) throw failed();
  return { in: scheme.in, key: scheme.key, value, secrets };
}

function written(credential: Credential, kind: Scheme<unknown>['kind']) {
  if (typeof credential === 'string') {
    if (kind === 'key') return { value: credential, secrets: [credential] };
    if (kind === 'bearer') return { value: `Bearer ${credential}`, secrets: [credential] };
  }
  const text =
    typeof credential === 'string' ? credential : `${credential.username}:${credential.password}`;
  const basic = Buffer.from(text).toString('base64');
  const password = text.slice(text.indexOf(':') + 1);
  return { value: `Basic ${basic}`, secrets: [basic, text, password] };
}
