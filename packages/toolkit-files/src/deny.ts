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
 * Says whether a path, relative to the root, is closed to reading and searching: it, or a folder on its way, fits a
 * pattern. Upper and lower case count as the same, because on many disks they name one file.
 */
export function denying(patterns: unknown): Matcher {
  const fits = checkedGlobs('deny', patterns ?? secrets, fold);
  const exempt = checkedGlobs('deny', patterns === undefined ? examples : []);
  return (path) => {
    const names = fold(path).split('/');
    return names.some((_, index) => {
      const way = names.slice(0, index + 1).join('/');
      return fits(way) && !exempt(way);
    });
  };
}

/** Disks that take two spellings for one name must find it denied under both. */
function fold(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
