import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { simulatorError, type Refusal } from '../wire/refusal.ts';

/**
 * Refuses a request that a web page of another site may have sent. A page can reach this machine under a name of its
 * own that points here (the `Host` header shows it), or ask for it from its own origin (`Origin` shows it). Loopback
 * names and the addresses in `own` pass, whatever their port; so does a request without these headers.
 */
export function checkCaller(
  headers: IncomingHttpHeaders,
  own: readonly string[],
): Refusal | undefined {
  const { host, origin } = headers;
  if (host !== undefined && !isOwn(hostnameOf(`http://${host}`), own)) {
    return simulatorError(
      403,
      `The simulator does not serve the Host "${host}". Ask for it by a loopback name such as localhost, or start it with the option host (--host) set to that name.`,
      'access_denied',
    );
  }
  if (origin !== undefined && !isOwn(hostnameOf(origin), own)) {
    return simulatorError(
      403,
      `The simulator does not answer pages of the Origin "${origin}". Serve the page from a loopback name such as localhost, or from the host that the simulator listens on.`,
      'access_denied',
    );
  }
  return undefined;
}

/** Whether a host name or address is of this machine alone. */
export function isLoopback(host: string): boolean {
  const name = plain(host);
  const family = isIP(name);
  if (family === 0) return name === 'localhost' || name.endsWith('.localhost');
  return loopback.check(name, family === 4 ? 'ipv4' : 'ipv6');
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function isOwn(hostname: string | undefined, own: readonly string[]): boolean {
  if (hostname === undefined) return false;
  return isLoopback(hostname) || own.some((known) => plain(known) === plain(hostname));
}

function hostnameOf(url: string): string | undefined {
  try {
    const { protocol, hostname, pathname, search, username } = new URL(url);
    const bare = pathname === '/' && search === '' && username === '';
    return bare && /^https?:$/.test(protocol) ? hostname : undefined;
  } catch {
    return undefined;
  }
}

/** In one spelling: without brackets, without the dot of the root, an IPv4 address that IPv6 wraps as itself. */
function plain(host: string): string {
  const name = host.toLowerCase().replaceAll(/^\[|\]$/g, '');
  return name.replace(/\.$/, '').replace(/^::ffff:(?=\d+\.)/, '');
}
