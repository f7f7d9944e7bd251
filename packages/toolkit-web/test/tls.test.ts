import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { createSecureContext } from 'node:tls';
import { ToolError } from '@throughline/core';
import { beforeEach, expect, test, vi } from 'vitest';
import { Authority, selfSigned } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { call, failure, kitOf, serving } from './site.ts';

const authority = new Authority();
/** What each name is shown, as a server with many sites does it. */
const shownTo = new Map<string, Certificate>();
const names: (string | false | null)[] = [];
let asked = 0;

const fallback = selfSigned('nobody.test');
const server = createServer(
  {
    ...fallback,
    SNICallback: (name, done) => done(null, createSecureContext(shownTo.get(name) ?? fallback)),
  },
  (request, response) => {
    asked++;
    names.push(
      (request.socket as TLSSocket & { servername?: string | false | null }).servername ?? null,
    );
    const to = new URL(request.url ?? '/', 'https://x.test').searchParams.get('to');
    if (to !== null) response.writeHead(302, { location: to }).end();
    else response.end('over TLS');
  },
);
const { host } = portOf(serving(server));

function portOf(at: { readonly port: number }): { readonly host: (name: string) => string } {
  return { host: (name) => `${name}:${at.port}` };
}

beforeEach(() => {
  shownTo.clear();
  names.length = 0;
  asked = 0;
});

const hosts = ['site.test', 'other.test', 'old.test', 'early.test', 'self.test'];

function fetchPage(
  name: string,
  path = '/',
  ca: string | undefined = authority.cert,
): Promise<string> {
  const lookup = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
  const kit = kitOf({ robots: false, allowPrivate: [...hosts, '127.0.0.1'].map(host) }, lookup, {
    ca,
  });
  return call(kit, 'fetch_page', { url: `https://${host(name)}${path}` });
}

test('a site with a good certificate is read, and is told its own name', async () => {
  shownTo.set('site.test', authority.issue('site.test'));
  expect(await fetchPage('site.test')).toContain('over TLS');
  expect(names).toEqual(['site.test']);
});

const refused: readonly (readonly [name: string, make: () => void, host: string, words: string])[] =
  [
    [
      'expired',
      () => shownTo.set('old.test', authority.issue('old.test', [-30, -1])),
      'old.test',
      'has a certificate that has expired',
    ],
    [
      'not yet valid',
      () => shownTo.set('early.test', authority.issue('early.test', [1, 30])),
      'early.test',
      'CERT_NOT_YET_VALID',
    ],
    [
      'for another name',
      () => shownTo.set('site.test', authority.issue('other.test')),
      'site.test',
      'has a certificate for another host',
    ],
    [
      'signed by itself',
      () => shownTo.set('self.test', selfSigned('self.test')),
      'self.test',
      'has a certificate that nobody vouches for',
    ],
  ];

for (const [name, make, at, words] of refused)
  test(`a certificate that is ${name} is refused before a byte of the request is sent, whatever NODE_TLS_REJECT_UNAUTHORIZED says`, async () => {
    make();
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const error = await failure(fetchPage(at));
    expect(error).toBeInstanceOf(ToolError);
    expect(error.message).toContain(words);
    expect(asked).toBe(0);
  });

test('an authority that this machine does not know is refused', async () => {
  shownTo.set('site.test', authority.issue('site.test'));
  expect((await failure(fetchPage('site.test', '/', new Authority().cert))).message).toContain(
    'nobody vouches for',
  );
  expect(asked).toBe(0);
});

test('the certificate of a name is not good for an address', async () => {
  shownTo.set('site.test', authority.issue('site.test'));
  expect((await failure(fetchPage('127.0.0.1'))).message).toMatch(
    /another host|nobody vouches for/,
  );
  expect(asked).toBe(0);
});

test('a redirect to another host asks under that name, and is refused with the certificate of the first', async () => {
  shownTo.set('site.test', authority.issue('site.test'));
  shownTo.set('other.test', authority.issue('other.test'));
  const path = `/?to=${encodeURIComponent(`https://${host('other.test')}/`)}`;
  expect(await fetchPage('site.test', path)).toContain('over TLS');
  expect(names).toEqual(['site.test', 'other.test']);
  shownTo.set('other.test', authority.issue('site.test'));
  expect((await failure(fetchPage('site.test', path))).message).toContain(
    'has a certificate for another host',
  );
});

test('a redirect from https: to http: is refused', async () => {
  shownTo.set('site.test', authority.issue('site.test'));
  const path = `/?to=${encodeURIComponent(`http://${host('site.test')}/`)}`;
  expect((await failure(fetchPage('site.test', path))).message).toContain(
    'redirects from https: to http:, which is not followed',
  );
  expect(asked).toBe(1);
});
