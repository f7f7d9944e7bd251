import { checkedGlobs } from './glob-option.ts';
import type { Matcher } from './glob.ts';

/** Names under which keys and passwords are usually kept. */
const secrets = [
  '.env',
  '.env.*',
  '*.{pem,key,p12,pfx,jks,keystore}',
  'id_{rsa,dsa,ecdsa,ed25519}',
  'credentials',
  'credentials.json',
  '.{netrc,npmrc,pypirc,pgpass,git-credentials}',
];

/** Made to be read: they show which variables there are and hold no value of them. */
const examples = ['.env.example'];

/**
 * Says whether a path, relative to the root, is closed to the tools by itself: it fits a pattern. What lies in a closed folder is closed
 * too, which `isClosed` says. Upper and lower case count as the same, because on many disks they name one file.
 */
export function denying(patterns: unknown): Matcher {
  const fits = checkedGlobs('deny', patterns ?? secrets, fold);
  const exempt = checkedGlobs('deny', patterns === undefined ? examples : []);
  return (path) => {
    const folded = fold(path);
    return fits(folded) && !exempt(folded);
  };
}

/** Whether a path, or a folder on its way, is closed. */
export function isClosed(denies: Matcher, path: string): boolean {
  return waysTo(path).some(denies);
}

/** A path and the folders on its way, the outermost first. */
export function waysTo(path: string): readonly string[] {
  const names = path.split('/');
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

/** Disks that take two spellings for one name must find it denied under both. */
function fold(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
