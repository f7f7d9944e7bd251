import type { CredentialSource } from './auth.ts';
import type { OperationFacts } from './operation.ts';

/** What `openapi` needs to know besides the description. */
export interface OpenApiOptions<Context = unknown> {
  /** Where requests go, instead of to the servers that the document names. Needed with `auth` and `headers`. */
  readonly baseURL?: string | URL;
  /** Sends to a `baseURL` that is neither encrypted nor on this machine. Default: false. */
  readonly allowHttp?: boolean;
  /**
   * The operations that become tools: an `operationId` or `'GET /pets/{petId}'` each, or a function that says so.
   * Needed where the document has more than 40.
   */
  readonly operations?: readonly string[] | ((operation: OperationFacts) => boolean);
  /** A credential for each security scheme, by its name in the document. The model never sees it. */
  readonly auth?: Readonly<Record<string, CredentialSource<Context>>>;
  /** Sent with each request. The model neither sees nor writes a header of such a name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The header that carries a call's `idempotencyKey`, where the effect is not `read`. */
  readonly idempotencyHeader?: string;
  /** How long a call may take, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number;
  /** How many characters of a response the model reads. Default: 40,000. */
  readonly maxResultChars?: number;
  /** Told why an operation is left out, or less than the document says. Default: a warning of the process. */
  readonly onWarning?: (words: string) => void;
}

export const known: Readonly<Record<keyof OpenApiOptions, true>> = {
  baseURL: true,
  allowHttp: true,
  operations: true,
  auth: true,
  headers: true,
  idempotencyHeader: true,
  timeoutMs: true,
  maxResultChars: true,
  onWarning: true,
};
