import type { Scheme } from './auth.ts';
import type { Operation, Parameter } from './operation.ts';
import { refusal, shown } from './trouble.ts';

const token = /^[!#$%&'*+.^`|~\w-]+$/;

/** The headers that the host sends. Throws for one that is none, without telling its value. */
export function checkedHeaders(
  headers: Readonly<Record<string, string>>,
  idempotencyHeader: string | undefined,
): readonly (readonly [string, string])[] {
  const names = [
    ...Object.keys(headers),
    ...(idempotencyHeader === undefined ? [] : [idempotencyHeader]),
  ];
  for (const name of names) {
    if (!token.test(name) || isOfTheConnection(name))
      throw refusal(`${shown(name)} is no header that can be sent.`);
  }
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string' && /^[\t\x20-\x7e]*$/.test(value)) continue;
    throw refusal(`the header ${shown(name)} is not one line of ASCII.`);
  }
  return Object.entries(headers);
}

/** The values that no result may show: of headers whose names say that they are secret. */
export function secretValues(headers: readonly (readonly [string, string])[]): readonly string[] {
  const isSecret = (name: string) => /auth|cookie|key|pass|secret|session|token/i.test(name);
  return headers.filter(([name]) => isSecret(name)).map(([, value]) => value);
}

/** What the model does not write: credentials, what the host sends, and what is the connection's own. */
export function withoutHidden(
  operation: Operation,
  host: {
    readonly schemes: ReadonlyMap<string, Scheme<never>>;
    readonly headers: readonly (readonly [string, string])[];
    readonly idempotencyHeader: string | undefined;
  },
): Operation {
  const own = new Set(
    [...host.headers.map(([name]) => name), host.idempotencyHeader ?? ''].map(lower),
  );
  const secret = [...host.schemes.values()];
  const isHidden = ({ in: place, name }: Parameter): boolean => {
    if (secret.some((one) => one.in === place && lower(one.key) === lower(name))) return true;
    return (
      place === 'header' && (own.has(lower(name)) || isOfTheConnection(name) || isIgnored(name))
    );
  };
  const parameters = operation.parameters.filter((parameter) => !isHidden(parameter));
  for (const { in: place, name } of parameters) {
    const isNamed = place === 'path' || place === 'query' || token.test(name);
    if (!isNamed) throw refusal(`its ${place} cannot be called ${shown(name)}.`);
  }
  return { ...operation, parameters };
}

function lower(text: string): string {
  return text.toLowerCase();
}

/** So the specification says: they are told elsewhere in the document. */
function isIgnored(name: string): boolean {
  return ['accept', 'content-type', 'authorization', 'cookie'].includes(lower(name));
}

/** Headers that change where a message ends, whom it is for, or what its method is. */
function isOfTheConnection(name: string): boolean {
  const isFraming =
    /^(host|content-length|content-encoding|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect)$/i;
  return (
    isFraming.test(name) || /^(proxy-|sec-|x-forwarded-|forwarded$|x-(http-)?method)/i.test(name)
  );
}
