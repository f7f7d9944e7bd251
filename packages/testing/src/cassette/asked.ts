import { parsed } from './canonical.ts';
import type { RecordedRequest } from './exchange.ts';
import { secretsOf } from './secrets.ts';
import { strike } from './strike.ts';
import type { Unwanted } from './strike.ts';

/** A request as `fetch` was given it. */
export interface Asked {
  readonly url: string;
  readonly init: RequestInit;
  readonly signal: AbortSignal;
  /** As it may be kept. */
  readonly request: RecordedRequest;
  /** As it may be kept where its own secrets need not be struck out: a word that is sent as a key in a replay may stand in a prompt. */
  readonly plain: RecordedRequest;
  /** What must not be kept of its response. */
  readonly unwanted: Unwanted;
}

const never = new AbortController().signal;

/** Reads what `fetch` was given, its body too. */
export async function toAsked(
  input: string | URL | Request,
  init: RequestInit | undefined,
  patterns: readonly RegExp[],
): Promise<Asked> {
  // Of its own, a Request holds a signal that is lost where nobody holds the Request.
  const signal = init?.signal ?? (input instanceof Request ? input.signal : never);
  const request = new Request(input, { ...init, signal: null });
  const { method, headers, redirect } = request;
  const bytes = new Uint8Array(await request.arrayBuffer());
  const { pathname, search, searchParams: query } = new URL(request.url);
  const sent = { method, path: pathname + search, body: new TextDecoder().decode(bytes) };
  const secrets = secretsOf({ headers, query, body: parsed(sent.body) });
  const unwanted = { secrets, patterns };
  return {
    url: request.url,
    init: { method, headers, signal, redirect, ...(bytes.length > 0 && { body: bytes }) },
    signal,
    request: withoutUnwanted(sent, unwanted),
    plain: withoutUnwanted(sent, { secrets: [], patterns }),
    unwanted,
  };
}

function withoutUnwanted(sent: RecordedRequest, unwanted: Unwanted): RecordedRequest {
  const { method, path, body } = sent;
  const clean = (text: string) => {
    // As it stands, a secret of any length looks the same: so a replay may be asked with another one.
    const short = unwanted.secrets.reduce((text, secret) => text.replaceAll(secret, '****'), text);
    return strike(short, unwanted);
  };
  return { method, path: clean(path), body: clean(body) };
}
