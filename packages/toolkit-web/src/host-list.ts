import { ThroughlineError } from '@throughline/core';

/** Whether a host, as a URL spells it, and a port stand in a list. */
export type HostList = (host: string, port: number) => 'host' | 'host and port' | undefined;

/** A host as it is compared: without the dot that may end it. */
export function plainHost(hostname: string): string {
  return hostname.replace(/[.]$/, '');
}

/**
 * Reads entries such as `example.com` (this host alone), `*.example.com` (every host below it), `[::1]` and
 * `example.com:8080`. Throws `invalid_option` for an entry that is no host.
 */
export function hostList(option: string, entries: readonly string[]): HostList {
  if (!Array.isArray(entries)) throw refuse(option, entries, 'is no list of hosts');
  const read = entries.map((entry) => readEntry(option, entry));
  return (host, port) => {
    const found = read.filter((entry) => fits(entry, host, port));
    if (found.some((entry) => entry.port !== undefined)) return 'host and port';
    return found.length > 0 ? 'host' : undefined;
  };
}

/** A list in which every entry is exact: `127.0.0.1:3000`. Throws `invalid_option` otherwise. */
export function exactHostList(option: string, entries: readonly string[]): HostList {
  const list = hostList(option, entries);
  for (const entry of entries) {
    const { below, port } = readEntry(option, entry);
    if (below || port === undefined) {
      throw refuse(option, entry, 'is no exact host and port; write "127.0.0.1:3000"');
    }
  }
  return list;
}

interface Entry {
  readonly host: string;
  /** Hosts below `host` are meant, and not `host` itself. */
  readonly below: boolean;
  readonly port: number | undefined;
}

function fits(entry: Entry, host: string, port: number): boolean {
  if (entry.port !== undefined && entry.port !== port) return false;
  return entry.below ? host.endsWith(`.${entry.host}`) : host === entry.host;
}

function readEntry(option: string, entry: unknown): Entry {
  const [, star, name = '', port] =
    /^([*][.])?(\[[0-9a-f:.]+\]|[^\s:/?#@*\\[\]]+)(?::(\d{1,5}))?$/i.exec(String(entry)) ?? [];
  const url = URL.canParse(`http://${name}`) ? new URL(`http://${name}`) : undefined;
  if (typeof entry !== 'string' || url === undefined || name === '') {
    throw refuse(
      option,
      entry,
      'is no host; write "example.com", "*.example.com" or "example.com:8080"',
    );
  }
  return {
    host: plainHost(url.hostname),
    below: star !== undefined,
    port: port === undefined ? undefined : Number(port),
  };
}

function refuse(option: string, value: unknown, why: string): ThroughlineError {
  const shown =
    typeof value === 'string' ? JSON.stringify(value) : `a value of type ${typeof value}`;
  return new ThroughlineError('invalid_option', `web(): ${option}: ${shown} ${why}.`);
}
