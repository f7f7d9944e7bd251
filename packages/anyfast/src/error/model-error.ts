// error/ owns what a caller reads when an answer does not come: it reads what the host says, judges it, and makes the typed
// error. It does not own the retry (http/), or the errors of options (options/).

import { ModelError } from '@throughline/core';
import type { ModelErrorCode } from '@throughline/core';
import type { Head, Incoming, StopSignal } from '../wire/exchange.ts';
import { ResponseProblemError } from '../wire/response-problem.ts';
import type { Addressee, ResponseProblem } from '../wire/response-problem.ts';
import { strikeOut } from '../options/strike-out.ts';
import { oneLine, visibleLines } from '../wire/foreign-text.ts';
import { baseURLAdvice, likelyMistake, proxyAdvice } from './base-url.ts';
import { classify } from './classify.ts';
import { readErrorBody, requestIdOf } from './error-body.ts';
import { fromJson, isPage, readRefusal } from './refusal.ts';
import type { Refusal } from './refusal.ts';
import { retryAfterMs } from './retry-after.ts';

/**
 * The typed error for a missing answer: made from a problem of the response, or from what the platform threw.
 * `headers` are those of the response, where one has begun.
 */
export function toModelError(error: unknown, about: Addressee, headers?: Headers): ModelError {
  const to = toAddressee(about);
  return error instanceof ResponseProblemError
    ? problemError(error.problem, to, headers)
    : brokenError(error, to);
}

/** The typed error for a response with a bad status, once its page is read; closes it. */
export async function refusalOf(
  incoming: Incoming,
  { status, headers }: Head,
  to: Addressee,
  signal: StopSignal,
): Promise<ModelError> {
  const body = await readErrorBody(incoming, signal);
  return refusedError({ status, headers, body }, to);
}

/** With what strikes the secrets out of the words of others, in any writing. */
function toAddressee(reached: Addressee): Addressee {
  const redact = strikeOut(reached);
  return { ...reached, baseURL: redact(reached.baseURL), redact };
}

/** A response that is no answer. */
export interface Refused {
  readonly status: number;
  readonly headers?: Headers;
  readonly body: string;
}

/** The typed error for a response with an error status, or with an error where the answer should be. */
export function refusedError(refused: Refused, about: Addressee): ModelError {
  const to = toAddressee(about);
  const { status, headers } = refused;
  if (status >= 300 && status < 400) {
    const place = oneLine(to.redact(headers?.get('location') ?? 'another place'), 500);
    const told = `${to.baseURL} redirects to ${place} (${status}). Set baseURL to the address of the endpoint.`;
    return new ModelError('invalid_request', told, { status });
  }
  return toError(readRefusal(refused.body, to.redact), refused, to);
}

function problemError(problem: ResponseProblem, to: Addressee, headers?: Headers): ModelError {
  const { model, baseURL } = to;
  const timeout = (told: string) => new ModelError('timeout', told, { retryable: true });
  switch (problem.kind) {
    case 'first byte':
      return timeout(
        `${baseURL} sent no answer for ${problem.ms} ms. Raise firstByteTimeoutMs if ${model} may think longer.`,
      );
    case 'idle':
      return timeout(
        `The answer of ${model} stopped for ${problem.ms} ms. Raise idleTimeoutMs if it may pause longer.`,
      );
    case 'keep-alives only':
      return timeout(
        `${baseURL} sent nothing but keep-alive comments for ${problem.ms} ms. Raise firstByteTimeoutMs to wait longer.`,
      );
    case 'error frame':
      return toError(
        fromJson(problem.frame, to.redact),
        headers === undefined ? {} : { headers },
        to,
      );
    case 'unreadable':
      return unreadableError(problem.body, to);
    case 'too long': {
      const told = `${hostOf(baseURL)} sent more than ${problem.longest} characters in one body or event. ${baseURLAdvice(baseURL)}`;
      return new ModelError('bad_response', told, { status: 200 });
    }
  }
}

function unreadableError(body: string, to: Addressee): ModelError {
  const { text } = readRefusal(body, to.redact);
  const what = isPage(body)
    ? 'a web page'
    : text === ''
      ? 'an empty body'
      : 'a body that is no chat completion';
  const seen = text === '' ? '' : ` ("${oneLine(text, 120)}")`;
  const told = `${hostOf(to.baseURL)} sent ${what}${seen} instead of an answer. ${baseURLAdvice(to.baseURL)}`;
  return new ModelError('bad_response', told, { status: 200, retryable: true });
}

/** A request got no response, or its response broke off. */
function brokenError(error: unknown, to: Addressee): ModelError {
  const { code, text } = causeOf(error);
  const host = hostOf(to.baseURL);
  const cause = withoutKey(error, to);
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    const told = `${host} sent nothing for so long that Node gave up (${code}). Pass a fetch with longer time-outs.`;
    return new ModelError('timeout', told, { retryable: true, cause });
  }
  const reason = oneLine(
    to.redact(code !== '' && !text.includes(code) ? `${text} (${code})` : text),
    1000,
  );
  // What undici, and what `node:http` calls it.
  if (text === 'terminated' || text === 'aborted') {
    const told = `The connection to ${host} broke off in the middle of the answer.`;
    return new ModelError('connection', told, { retryable: true, cause });
  }
  const lasting = /CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO_/.test(code);
  const { baseURL } = to;
  const next = likelyMistake(`${text} ${code}`, baseURL);
  const told = `No connection to ${host}: ${reason}. ${next ?? `Check the network and the baseURL ${baseURL}.`}${proxyAdvice()}`;
  return new ModelError('connection', told, { retryable: !lasting, cause });
}

/**
 * What was thrown, as far as it is safe to show: a user's `fetch` may have put the request's headers into it,
 * and Node puts in the server's raw bytes.
 */
function withoutKey(error: unknown, to: Addressee, depth = 0): unknown {
  if (!(error instanceof Error) || depth > 4) return undefined;
  const { name, message, stack = '' } = error;
  const cause = withoutKey(error.cause, to, depth + 1);
  const safe = new Error(oneLine(to.redact(message)), cause === undefined ? {} : { cause });
  const code =
    'code' in error && typeof error.code === 'string' ? { code: to.redact(error.code) } : {};
  return Object.assign(safe, {
    name: to.redact(name),
    stack: visibleLines(to.redact(stack)),
    ...code,
  });
}

interface Circumstance {
  readonly status?: number;
  readonly headers?: Headers;
}

function toError(refusal: Refusal, at: Circumstance, to: Addressee): ModelError {
  const status = statusOf(refusal, at.status);
  const { code, retryable } = classify(refusal, status);
  const waitMs = retryAfterMs(at.headers, refusal.text, refusal.waitMs);
  const requestId = refusal.requestId ?? (at.headers ? requestIdOf(at.headers) : undefined);
  const { text } = refusal;
  return new ModelError(code, sentence(code, { status, text, to }), {
    retryable,
    ...(status === undefined ? {} : { status }),
    ...(waitMs === undefined || !retryable ? {} : { retryAfterMs: waitMs }),
    ...(requestId === undefined ? {} : { requestId: to.redact(requestId) }),
  });
}

/** An error that came with 200, or in a stream, may still carry the upstream's status as its code. */
function statusOf(refusal: Refusal, status: number | undefined): number | undefined {
  if (status !== undefined && status >= 400) return status;
  const coded = refusal.codes.find((code) => /^[45]\d\d$/.test(code));
  return coded === undefined ? status : Number(coded);
}

/** In characters: more of a host's text does not help the reader of an error. */
const longestSaid = 1000;

interface Words {
  readonly status: number | undefined;
  readonly text: string;
  readonly to: Addressee;
}

function sentence(code: ModelErrorCode, { status, text, to }: Words): string {
  const said =
    text === '' ? 'it gave no reason' : oneLine(text, longestSaid).replace(/[.。]{1,9}$/, '');
  const at = status === undefined ? '' : ` (${status})`;
  const next = likelyMistake(said, to.baseURL) ?? advice(code, status, to);
  return `${lead(code, to)}${at}: ${said}.${next === '' ? '' : ` ${next}`}`;
}

function lead(code: ModelErrorCode, { model, baseURL, hasKey }: Addressee): string {
  const host = hostOf(baseURL);
  switch (code) {
    case 'authentication':
      return hasKey ? `${host} refuses the key` : `${host} needs a key`;
    case 'permission':
      return `${host} does not allow this to the key`;
    case 'quota':
      return `The balance at ${host} is used up`;
    case 'rate_limit':
      return `Too many requests to ${host}`;
    case 'overloaded':
      return `${host} is overloaded`;
    case 'model_not_found':
      return `${host} serves no model called "${model}"`;
    case 'context_overflow':
      return `The conversation is longer than ${model} can read`;
    case 'request_too_large':
      return `The request has more bytes than ${host} takes`;
    case 'content_filter':
      return `${host} filters this content`;
    case 'timeout':
      return `${host} gave up waiting for the answer`;
    case 'connection':
      return `${host} does not take this connection`;
    case 'server':
      return `${host} failed`;
    default:
      return `${host} refuses the request`;
  }
}

function advice(code: ModelErrorCode, status: number | undefined, to: Addressee): string {
  const { model, baseURL, hasKey } = to;
  switch (code) {
    case 'authentication':
      return hasKey
        ? 'Check ANYFAST_API_KEY, or the apiKey passed to anyfast().'
        : 'None was sent: set ANYFAST_API_KEY or pass { apiKey } to anyfast().';
    case 'invalid_request':
      return status === 404 || status === 405 ? baseURLAdvice(baseURL) : '';
    case 'quota':
      return 'Top up the account; a retry does not help.';
    case 'model_not_found':
      return `Check the name "${model}" and the baseURL ${baseURL}; anyfast.models() lists what the key may use.`;
    case 'context_overflow':
      return 'Shorten the history.';
    case 'request_too_large':
      return 'Send fewer or smaller pictures and tool results.';
    default:
      return '';
  }
}

function hostOf(baseURL: string): string {
  return URL.canParse(baseURL) ? new URL(baseURL).host : baseURL;
}

/** `fetch` says "fetch failed" and hides the reason in a chain of causes, or in an AggregateError there. */
function causeOf(error: unknown): { readonly code: string; readonly text: string } {
  let code = '';
  let text = error instanceof Error ? error.message : String(error);
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    if (at.message !== '') text = at.message;
    if ('code' in at && typeof at.code === 'string') code = at.code;
    const [first]: unknown[] = at instanceof AggregateError ? at.errors : [];
    at = first ?? at.cause;
  }
  return { code, text };
}
