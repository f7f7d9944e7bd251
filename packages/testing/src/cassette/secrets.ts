import { isObject } from './canonical.ts';

/**
 * The secrets of a request: the values of all headers whose names say so, those that the query or the top of the body names, and the key of
 * the environment.
 */
export function secretsOf(sent: Sent): readonly string[] {
  const { headers, query, body } = sent;
  const inHeaders = [...headers].filter(([name]) => secretHeader.test(name));
  const inBody = isObject(body) ? Object.entries(body) : [];
  const named = [...query, ...inBody].filter(([name]) => secretField.test(name));
  const told = [...inHeaders, ...named].map(([, value]) => String(value).replace(/^\w+ /, ''));
  return [...told, process.env['ANYFAST_API_KEY'] ?? ''].filter(mayBeSecret);
}

/** A shorter one is a word, a longer one a text or a picture. */
function mayBeSecret({ length }: string): boolean {
  return length >= 4 && length <= 4096;
}

/** Where a request may carry a secret. */
export interface Sent {
  readonly headers: Headers;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

const secretHeader = /auth|key|token|secret|password|cookie/i;
/** Whole names: `prompt_cache_key` and `max_tokens` are no secrets. */
const secretField =
  /^(?:api[-_]?key|key|(?:access[-_]?|auth[-_]?)?token|secret|password|authorization)$/i;
