import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { ToolError } from '@throughline/core';
import { orAborted } from './or-aborted.ts';
import { checkAddress } from './target.ts';
import type { Target } from './target.ts';
import { codeOf, shown } from './words.ts';

export interface Address {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a host. */
export type Lookup = (host: string) => Promise<readonly Address[]>;

export const lookupBySystem: Lookup = (host) => systemLookup(host, { all: true });

/** How many addresses of one host are tried. */
const mostAddresses = 8;

/**
 * The addresses to connect to. All addresses of the host are judged, and one that may not be reached refuses the host:
 * an honest site has no reason to stand at a public and at a private address.
 */
export async function addressesOf(
  target: Target,
  lookup: Lookup,
  signal: AbortSignal,
): Promise<readonly Address[]> {
  const family = isIP(target.host);
  if (family !== 0) return [{ address: target.host, family }];
  const found = await orAborted(lookup(target.host), signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new ToolError(`There is no host ${shown(target.host)}${codeIn(error)}.`, {
      cause: error,
    });
  });
  if (found.length === 0) throw new ToolError(`The host ${shown(target.host)} has no address.`);
  for (const { address } of found) checkAddress(target, address);
  return found.slice(0, mostAddresses);
}

function codeIn(error: unknown): string {
  const code = codeOf(error);
  return code === undefined ? '' : ` (${code})`;
}
