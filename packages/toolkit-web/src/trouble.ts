import { ToolError } from '@throughline/core';
import { codeOf, count } from './words.ts';

/** What a server does wrong, before it is put in words for a URL. */
export type Fault =
  | 'slow headers'
  | 'silent'
  | 'no answer'
  | 'false encoding'
  | 'too slow'
  | 'too big'
  | 'nested encoding'
  | 'unknown encoding';

/** A fault of a server that Node has no error for. */
export class Trouble extends Error {
  readonly fault: Fault;
  constructor(fault: Fault, options?: ErrorOptions) {
    super(fault, options);
    this.fault = fault;
  }
}

/** The most bytes of a page, unpacked. */
export const mostBytes = 5_000_000;

/** A failure of the network or of a server, in words that begin with `name`. Other errors stay what they are. */
export function inWords(error: unknown, name: string): unknown {
  if (error instanceof ToolError) return error;
  const why = error instanceof Trouble ? faults[error.fault] : codeWords(error);
  if (why === undefined) return error;
  return new ToolError(`${name} ${why}.`, { cause: error });
}

const faults: Readonly<Record<Fault, string>> = {
  'slow headers': 'sent no complete headers in time',
  silent: 'stopped sending in the middle',
  'no answer': 'broke off: the server sent no answer',
  'false encoding': 'is not packed as its content-encoding says, or is damaged',
  'too slow': 'was not loaded in time',
  'too big': `has more than ${count(mostBytes, 'byte')}, and cannot be read`,
  'nested encoding': 'is packed more than once (content-encoding), and cannot be read',
  'unknown encoding': 'is packed in a way that cannot be read (content-encoding)',
};

const codes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'cannot be reached: the connection was refused',
  ECONNRESET: 'broke off: the server closed the connection',
  EPIPE: 'broke off: the server closed the connection',
  ETIMEDOUT: 'cannot be reached: the connection timed out',
  ENETUNREACH: 'cannot be reached from here',
  EHOSTUNREACH: 'cannot be reached from here',
  ERR_STREAM_PREMATURE_CLOSE: 'broke off before its end',
  HPE_HEADER_OVERFLOW: 'sent headers that are too long',
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a certificate that nobody vouches for',
  SELF_SIGNED_CERT_IN_CHAIN: 'has a certificate that nobody vouches for',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'has a certificate that nobody vouches for',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'has a certificate that nobody vouches for',
};

function codeWords(error: unknown): string | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const known = codes[code];
  if (known !== undefined) return known;
  if (code.startsWith('HPE_')) return `sent what is no valid HTTP (${code})`;
  return `cannot be loaded (${code})`;
}
