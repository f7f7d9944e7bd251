import ipaddr from 'ipaddr.js';

/**
 * Who can be reached at an IP address: everybody (`public`), or this machine and its network (`private`).
 * `never` is what no host option opens: metadata services, link-local, multicast, tunnels, reserved.
 */
export type Reach = 'public' | 'private' | 'never';

export function reachOf(address: string): Reach {
  if (!ipaddr.isValid(address)) return 'never';
  // An IPv4 address that is mapped into IPv6 is judged as the IPv4 address it is.
  const parsed = ipaddr.process(address);
  const plain = parsed.toString();
  if (metadata.has(plain)) return 'never';
  const range = parsed.range();
  if (inside.has(range)) return 'private';
  if (range !== 'unicast') return 'never';
  // All IPv6 that is routed on the internet stands in 2000::/3; `::7f00:1` counts as unicast, but is 127.0.0.1.
  const isGlobal = parsed.kind() === 'ipv4' || globalUnicast.test(parsed.toNormalizedString());
  return isGlobal ? 'public' : 'never';
}

const inside = new Set(['loopback', 'private', 'uniqueLocal', 'carrierGradeNat']);

const globalUnicast = /^[23][0-9a-f]{3}:/;

/** Addresses at which clouds hand out credentials, where their range does not say so already. */
const metadata = new Set([
  '168.63.129.16', // Azure
  '100.100.100.200', // Alibaba Cloud
  '192.0.0.192', // Oracle Cloud, old
  'fd00:ec2::254', // AWS over IPv6
  'fd20:ce::254', // Google Cloud over IPv6
]);
