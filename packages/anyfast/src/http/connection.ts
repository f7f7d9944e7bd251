import { checkOptions, ModelError } from '@throughline/core';
import { callable, refuse, refuseUnseen, whole, within } from '../options/check.ts';
import { environment } from '../options/environment.ts';
import type { ConnectionOptions, Fetch, RetryPolicy } from '../options/options.ts';
import { redactor } from '../options/redact.ts';
import type { Secrecy } from '../options/strike-out.ts';
import { isObject } from '../wire/json.ts';
import type { Addressee } from '../wire/response-problem.ts';
import type { Timeouts } from './timed-exchange.ts';
import type { Watcher } from './watcher.ts';

/** How to reach the endpoint, checked and complete. */
export interface Connection extends Addressee, Timeouts {
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: `node:http` on Node, else the platform's `fetch`. */
  readonly fetch: Fetch | undefined;
  readonly retry: RetryPolicy;
  /** Loads the code that calls `onRequest`, `onResponse` and `debug`; undefined where none is set. */
  readonly watch: (() => Promise<Watcher>) | undefined;
}

const defaultBaseURL = 'https://www.anyfast.ai/v1';
/** What a Node timer can wait; longer ones ring at once. */
const longestMs = 2_147_483_647;
export const firstByteTimeoutMs = 300_000;
export const idleTimeoutMs = 180_000;

/** Few attempts, because the gateway has tried its other channels before it answers with an error. */
const defaultRetry: RetryPolicy = {
  attempts: 3,
  firstWaitMs: 500,
  maxWaitMs: 60_000,
  budgetMs: 600_000,
};

/** Throws `invalid_option` for an option with a bad value, and `missing_api_key` where no key is to be found. */
export function toConnection(model: string, options: ConnectionOptions): Connection {
  const baseURL = toBaseURL(options.baseURL ?? environment('ANYFAST_BASE_URL') ?? defaultBaseURL);
  const key = toKey(options.apiKey ?? environment('ANYFAST_API_KEY'), baseURL);
  const range = { from: 1, to: longestMs };
  whole('firstByteTimeoutMs', options.firstByteTimeoutMs, range);
  whole('idleTimeoutMs', options.idleTimeoutMs, range);
  callable('fetch', options.fetch);
  callable('onRequest', options.onRequest);
  callable('onResponse', options.onResponse);
  const headers = toHeaders(options.headers ?? {}, key);
  const secrets = secretsOf(headers);
  const redact = redactor(...secrets);
  return {
    model,
    baseURL,
    headers,
    secrets,
    redact,
    hasKey: key !== undefined,
    fetch: options.fetch,
    firstByteTimeoutMs: options.firstByteTimeoutMs ?? firstByteTimeoutMs,
    idleTimeoutMs: options.idleTimeoutMs ?? idleTimeoutMs,
    retry: toRetry(options.retry ?? {}),
    watch: toWatch(options, { secrets, redact }),
  };
}

function toBaseURL(value: unknown): string {
  const wanted = `an http or https URL such as ${defaultBaseURL}`;
  if (typeof value !== 'string') return refuseUnseen('baseURL', value, wanted);
  // A password may hold any of these signs, so all before the last @ goes first.
  const seen = value.replace(/^[^]*@/, '…@').replace(/[?#][^]*/, '?…');
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return refuse('baseURL', seen, wanted);
  if (url.username + url.password + url.search + url.hash !== '')
    refuse('baseURL', seen, 'a URL without a user name and password, ? and #; use apiKey');
  const base = url.href.replace(/\/+$/, '');
  const path = /\/(?:chat\/completions|completions|responses|messages|models)$/.exec(base)?.[0];
  if (path !== undefined)
    refuse('baseURL', seen, `without "${path}", which is added: ${base.slice(0, -path.length)}`);
  return base;
}

function toKey(value: unknown, baseURL: string): string | undefined {
  if (value === undefined || value === '') {
    if (isLoopback(new URL(baseURL).hostname)) return undefined;
    const told = 'No API key: set ANYFAST_API_KEY or pass { apiKey } to anyfast().';
    throw new ModelError('missing_api_key', told);
  }
  const key = typeof value === 'string' ? value.trim() : '';
  // The value itself is not shown: most likely it is the key with a line break in it.
  if (!/^[\x21-\x7e]+$/.test(key)) refuse('apiKey', '…', 'a string of printable ASCII characters');
  return key;
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127(\.\d+){3}$/.test(host)
  );
}

function toHeaders(
  extra: Readonly<Record<string, string>>,
  key: string | undefined,
): Readonly<Record<string, string>> {
  if (!isObject(extra)) refuseUnseen('headers', extra, 'an object of texts');
  const headers: Record<string, string> = {
    accept: 'text/event-stream, application/json',
    'content-type': 'application/json',
    // Some gateways refuse a request without this header.
    'user-agent': 'throughline',
  };
  for (const [name, value] of Object.entries(extra)) {
    const lower = name.toLowerCase();
    if (lower === 'authorization')
      refuse('headers', 'an authorization header', 'without it; use apiKey');
    const sent = toHeaderValue(name, value);
    if (sent === undefined) refuse(`headers["${name}"]`, '…', 'a valid header name and value');
    headers[lower] = sent;
  }
  return key === undefined ? headers : { ...headers, authorization: `Bearer ${key}` };
}

/** The key, and the values of all headers whose names say that they are secret. */
function secretsOf(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    /auth|key|token|secret|password|cookie/.test(name) ? [value.replace(/^Bearer /, '')] : [],
  );
}

/** The value as it goes out, without blanks around it; undefined for what no request can carry. */
function toHeaderValue(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const sent = new Headers([[name, value]]).get(name) ?? '';
    return /^[\t\x20-\x7e\x80-\xff]*$/.test(sent) ? sent : undefined;
  } catch {
    return undefined;
  }
}

const retryOptions: Readonly<Record<keyof RetryPolicy, true>> = {
  attempts: true,
  firstWaitMs: true,
  maxWaitMs: true,
  budgetMs: true,
};

function toRetry(options: Partial<RetryPolicy>): RetryPolicy {
  checkOptions('anyfast(): retry', options, retryOptions);
  const policy = { ...defaultRetry, ...withoutUndefined(options) };
  whole('retry.attempts', policy.attempts, { from: 1, to: 100 });
  within('retry.firstWaitMs', policy.firstWaitMs, { from: 0, to: longestMs });
  within('retry.maxWaitMs', policy.maxWaitMs, { from: 0, to: longestMs });
  within('retry.budgetMs', policy.budgetMs, { from: 0, to: longestMs });
  return policy;
}

function withoutUndefined(options: Partial<RetryPolicy>): Partial<RetryPolicy> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function toWatch(options: ConnectionOptions, secrecy: Secrecy): Connection['watch'] {
  const { onRequest, onResponse, debug } = options;
  if (typeof debug !== 'boolean') callable('debug', debug);
  if (onRequest === undefined && onResponse === undefined && !debug) return undefined;
  return async () => {
    const { Watcher } = await import('./watcher.ts');
    return new Watcher(options, secrecy);
  };
}
