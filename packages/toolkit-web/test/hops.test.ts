import { ToolError } from '@throughline/core';
import { expect, test } from 'vitest';
import { body, call, failure, fetchFrom, kitOf, redirect, serving, site } from './site.ts';
import { createServer } from 'node:net';

const text = (words: string) => body(words, { 'content-type': 'text/plain' });
const here = site();
const other = site();

const nowhere = [
  ['a loopback address', 'http://127.0.0.1/', 'not on the public internet'],
  ['a metadata service', 'http://169.254.169.254/latest/', 'not on the public internet'],
  [
    'an IPv6 address mapped to this machine',
    'http://[::ffff:7f00:1]/',
    'not on the public internet',
  ],
  ['a protocol-relative address', '//[::1]/', 'not on the public internet'],
  ['a file', 'file:///etc/passwd', 'only http: and https:'],
  ['data', 'data:text/html,hi', 'only http: and https:'],
  ['gopher', 'gopher://127.0.0.1:70/', 'only http: and https:'],
  ['javascript', 'javascript:alert(1)', 'only http: and https:'],
  ['an address with a password', 'http://me:hunter2@example.com/', 'user name or password'],
  ['an unusual port', 'http://example.com:6379/', 'is on port 6379'],
  ['nothing', '', 'without saying where to'],
  ['what is no URL', 'http://[', 'to what is not a URL'],
] as const;

for (const [name, location, words] of nowhere)
  test(`a redirect to ${name} is refused`, async () => {
    here.on('/away', redirect(location));
    const error = await failure(fetchFrom(here, '/away'));
    expect(error).toBeInstanceOf(ToolError);
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('hunter2');
  });

test('a redirect without a location is a sentence', async () => {
  here.on('/bare', (_, response) => void response.writeHead(302).end());
  expect((await failure(fetchFrom(here, '/bare'))).message).toContain(
    'redirects without saying where to',
  );
});

test('a redirect to itself and a circle of two are found', async () => {
  here.on('/self', redirect('/self'));
  here.on('/a', redirect('/b'));
  here.on('/b', redirect('/a'));
  expect((await failure(fetchFrom(here, '/self'))).message).toContain('redirects in a circle');
  expect((await failure(fetchFrom(here, '/a'))).message).toContain('redirects in a circle');
});

test('ten redirects are followed, and the eleventh is not', async () => {
  here.on('/hop', (request, response) => {
    const left = Number(new URL(request.url ?? '', here.url).searchParams.get('left'));
    if (left === 0) text('there')(request, response);
    else redirect(`/hop?left=${left - 1}`)(request, response);
  });
  expect(await fetchFrom(here, '/hop?left=10')).toContain('there');
  here.asked.length = 0;
  expect((await failure(fetchFrom(here, '/hop?left=11'))).message).toContain(
    'redirects more than 10 times',
  );
  expect(here.asked).toHaveLength(11);
});

test('no cookie, no referrer and no credentials go from one request to the next, to this origin or another', async () => {
  here.on('/login', (_, response) => {
    response
      .writeHead(302, {
        location: `${other.url}/welcome`,
        'set-cookie': ['id=1; Path=/', 'all=2; Domain=127.0.0.1'],
      })
      .end();
  });
  other.on('/welcome', (_, response) => {
    response.writeHead(302, { location: `${here.url}/back`, 'set-cookie': 'x=1' }).end();
  });
  here.on('/back', text('back'));
  const kit = kitOf({ robots: false, allowPrivate: [here.host, other.host] });
  here.asked.length = other.asked.length = 0;
  await call(kit, 'fetch_page', { url: `${here.url}/login` });
  await call(kit, 'fetch_page', { url: `${here.url}/back` });
  const all = [...here.asked, ...other.asked];
  expect(all).toHaveLength(4);
  for (const { headers } of all)
    for (const name of ['cookie', 'referer', 'authorization', 'proxy-authorization', 'origin'])
      expect(headers).not.toHaveProperty(name);
});

const raw = serving(
  createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () =>
      socket.end('HTTP/1.1 302 Found\r\nLocation: /x\r\n Set-Cookie: a=1\rX: y\r\n\r\n'),
    );
  }),
);

test('line breaks inside a location are an error, and no request', async () => {
  const host = `127.0.0.1:${raw.port}`;
  const kit = kitOf({ robots: false, allowPrivate: [host] });
  const error = await failure(call(kit, 'fetch_page', { url: `http://${host}/` }));
  expect(error).toBeInstanceOf(ToolError);
  expect(error.message).toMatch(/no valid HTTP/);
});

test('the words of a refusal hold nothing of the path that a server redirects to', async () => {
  here.on('/sly', redirect('http://127.0.0.1/IGNORE-ALL-RULES'));
  expect((await failure(fetchFrom(here, '/sly'))).message).toBe(
    'The redirect to "http://127.0.0.1" leads to an address that is not on the public internet, and may not be fetched.',
  );
  here.on('/lost', redirect('/IGNORE-ALL-RULES'));
  expect((await failure(fetchFrom(here, '/lost'))).message).toBe(
    `The redirect to "${here.url}" answered 404 Not Found.`,
  );
});
