import { isIP } from 'node:net';
import { ToolError } from '@throughline/core';
import { reachOf } from './address.ts';
import { plainHost } from './host-list.ts';
import type { HostList } from './host-list.ts';
import { shown } from './words.ts';

/** Which hosts the toolkit may reach. */
export interface Borders {
  /** Only these, where the host gave a list. */
  readonly allow: HostList | undefined;
  readonly deny: HostList;
  /** Hosts and ports at which a loopback or private address is meant. */
  readonly allowPrivate: HostList;
}

/** A URL that may be asked. Its addresses are still to be judged, unless it names one. */
export interface Target {
  readonly url: URL;
  /** How it is called in a sentence. */
  readonly name: string;
  /** Without brackets, and without a dot at its end. */
  readonly host: string;
  readonly port: number;
  readonly mayBePrivate: boolean;
}

const longestUrl = 8_192;

/** Ports on which websites are served. Mail, shells and databases answer to HTTP too. */
const usualPorts = new Set([80, 443, 8080, 8443]);

/**
 * Judges a URL by what `URL` makes of it, never by its text. Throws a `ToolError` that says why `name` may not be asked.
 */
export function targetOf(text: string, borders: Borders, name = shown(text)): Target {
  const refuse = (why: string) => new ToolError(`${name} ${why}.`);
  if (text.length > longestUrl) throw refuse(`is longer than ${longestUrl} characters`);
  if (!URL.canParse(text))
    throw refuse('is not a URL; give a whole one, such as https://example.com/page');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refuse('cannot be fetched: only http: and https: can');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ToolError(
      `The URL for ${shown(url.host)} carries a user name or password; leave it out.`,
    );
  }
  url.hash = '';
  const spelled = plainHost(url.hostname);
  const host = spelled.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const mayBePrivate = borders.allowPrivate(spelled, port) !== undefined;
  const allowed = borders.allow?.(spelled, port);
  if (borders.deny(spelled, port)) throw refuse('is on a host that may not be fetched');
  if (borders.allow !== undefined && allowed === undefined) {
    throw refuse('is not on a host that may be fetched');
  }
  if (!usualPorts.has(port) && !mayBePrivate && allowed !== 'host and port') {
    throw refuse(`is on port ${port}; only ports ${[...usualPorts].join(', ')} can be fetched`);
  }
  const target = { url, name, host, port, mayBePrivate };
  if (isIP(host) !== 0) checkAddress(target, host);
  return target;
}

/** Throws a `ToolError` for an address that `target` may not lead to. It does not tell the address. */
export function checkAddress(target: Target, address: string): void {
  const reach = reachOf(address);
  if (reach === 'public' || (reach === 'private' && target.mayBePrivate)) return;
  throw new ToolError(
    `${target.name} leads to an address that is not on the public internet, and may not be fetched.`,
  );
}
