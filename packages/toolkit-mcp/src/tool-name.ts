import { createHash } from 'node:crypto';

/** What the endpoint takes: it refuses names of more letters. */
const longest = 64;

/**
 * `server__tool`, of letters, digits, `_` and `-`. A name that had to be changed ends in a hash of the server's own, so
 * it depends on nothing but that: it stays what it is when other tools come and go.
 */
export function toolName(server: string, own: string): string {
  const plain = own.replace(/[^A-Za-z0-9_-]+/g, '_');
  const name = `${server}__${plain}`;
  if (plain === own && name.length <= longest) return name;
  const hash = createHash('sha256').update(own).digest('hex').slice(0, 8);
  return `${name.slice(0, longest - hash.length - 1)}_${hash}`;
}

/** Whether tools of the server can be told apart from those of any other by the name alone. */
export function isServerName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-]*(_[A-Za-z0-9-]+)*$/.test(name) && name.length <= 32;
}

/** The nearest name a server may have, for one that was named elsewhere, e.g. `io.github.acme/shop`. */
export function asServerName(name: string): string {
  if (isServerName(name)) return name;
  const plain = name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '');
  return (/^[A-Za-z]/.test(plain) ? plain : `server-${plain}`).slice(0, 32).replace(/-$/, '');
}
