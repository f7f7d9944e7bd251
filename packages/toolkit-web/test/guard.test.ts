import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { ToolError } from '@throughline/core';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { body, call, failure, fetchFrom, kitOf, redirect, site } from './site.ts';

const text = (words: string) => body(words, { 'content-type': 'text/plain' });
const here = site();
const isReached = () => here.asked.length;

/** Fetches with nothing private allowed, and gives the words of the refusal. */
async function refusal(url: string, lookup?: Parameters<typeof kitOf>[1]): Promise<string> {
  const kit = kitOf({ robots: false, timeoutMs: 5_000 }, lookup);
  const error = await failure(call(kit, 'fetch_page', { url }));
  expect(error).toBeInstanceOf(ToolError);
  return error.message;
}

const loopback = [
  '127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '0x7f000001', '0', '0.0.0.0', '127.255.255.254',
  '①②⑦.0.0.1', '127。0。0。1', '127.0.0.1.', 'localhost', 'localhost.', 'loc%61lhost', 'LOCALHOST',
  'local\u00adhost', 'local\u200bhost',
]; // prettier-ignore
const metadata = [
  '169.254.169.254',
  '0xA9FEA9FE',
  '025177524776',
  '169.254.169.254.',
  '168.63.129.16',
  '100.100.100.200',
];
const inside = [
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '192.0.0.8',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '192.0.2.1',
];
const six = [
  '[::1]', '[::]', '[::ffff:7f00:1]', '[::ffff:127.0.0.1]', '[::7f00:1]', '[::127.0.0.1]', '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2002:a9fe:a9fe::]', '[2001:0:7f00:1::]', '[fe80::1]',
  '[fe80::1%25lo]', '[fd00:ec2::254]', '[fd20:ce::254]', '[fec0::1]', '[ff02::1]', '[100::1]', '[2001:db8::1]', '[::ffff:0:7f00:1]',
]; // prettier-ignore

describe('no URL leads to this machine, its network or a metadata service', () => {
  for (const host of [...loopback, ...metadata, ...inside, ...six]) {
    test(JSON.stringify(host), async () => {
      for (const url of [`http://${host}/`, `http://${host}:${here.port}/`, `https://${host}/`]) {
        expect(await refusal(url)).toMatch(
          /not on the public internet|is on port|is not a URL|no host/,
        );
      }
      expect(await refusal(`http://user:pass@${host}/`)).toMatch(
        /user name or password|is not a URL/,
      );
      expect(isReached()).toBe(0);
    });
  }

  for (const url of [
    `http://127.0.0.1%2f@example.com/`,
    'http://example.com@127.0.0.1/',
    'http://:x@example.com/',
    'http://a@b@127.0.0.1/',
    'http://example.com\\@127.0.0.1/',
  ])
    // prettier-ignore
    test(`a user name is refused: ${url}`, async () => {
      expect(await refusal(url)).toMatch(/user name or password|no host "example.com"|not on the public/);
      expect(isReached()).toBe(0);
    });

  test('the password of a refused URL is not told', async () => {
    expect(await refusal('https://me:hunter2@example.com/')).not.toContain('hunter2');
  });
});

describe('a name is judged by all addresses it has', () => {
  const at =
    (...addresses: string[]) =>
    () =>
      Promise.resolve(
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );

  for (const address of [
    '127.0.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '100.100.100.200',
    '10.1.2.3',
    '::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    'fd00:ec2::254',
    '0.0.0.0',
    '',
    'nonsense',
  ])
    test(`metadata.google.internal at ${JSON.stringify(address)} is refused`, async () => {
      expect(
        await refusal('http://metadata.google.internal/computeMetadata/v1/', at(address)),
      ).toContain('not on the public internet');
    });

  test('a public and a private address together are refused', async () => {
    expect(await refusal('http://two.test/', at('93.184.216.34', '127.0.0.1'))).toContain(
      'not on the public',
    );
    expect(await refusal('http://two.test/', at('127.0.0.1', '93.184.216.34'))).toContain(
      'not on the public',
    );
  });

  test('a private one is found among 1,000, and no address is a sentence', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `93.184.${index >> 8}.${index & 255}`);
    many[999] = '127.0.0.1';
    expect(await refusal('http://many.test/', at(...many))).toContain('not on the public');
    expect(await refusal('http://none.test/', at())).toBe('The host "none.test" has no address.');
  });

  test('a lookup that fails or hangs ends in words', async () => {
    const fails = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    expect(await refusal('http://gone.test/', fails)).toBe(
      'There is no host "gone.test" (ENOTFOUND).',
    );
    const kit = kitOf({ robots: false, timeoutMs: 50 }, () => new Promise(() => undefined));
    expect(
      (await failure(call(kit, 'fetch_page', { url: 'http://hangs.test/' }))).message,
    ).toContain('was not loaded in time');
  });

  test('the address that was judged is the one that is asked, whatever the name leads to a moment later', async () => {
    here.on('/judged', text('the judged one'));
    let asked = 0;
    // Public for the look, this machine for the connection, as a rebinding server answers.
    const rebinding = () => {
      asked++;
      return Promise.resolve([{ address: asked === 1 ? '192.88.99.1' : '127.0.0.1', family: 4 }]);
    };
    expect(await refusal(`http://rebind.test/judged`, rebinding)).toContain('not on the public');
    asked = 0;
    const host = `rebind.test:${here.port}`;
    const other = () => {
      asked++;
      return Promise.resolve([{ address: asked === 1 ? '127.0.0.1' : '127.9.9.9', family: 4 }]);
    };
    const kit = kitOf({ robots: false, allowPrivate: [host] }, other);
    expect(await call(kit, 'fetch_page', { url: `http://${host}/judged` })).toContain(
      'the judged one',
    );
    expect(asked).toBe(1);
  });

  test('the second fetch of a name looks again, over a connection of its own, and is refused when the name has moved', async () => {
    here.on('/again', text('first'));
    let address = '127.0.0.1';
    const host = `moves.test:${here.port}`;
    const kit = kitOf({ robots: false, allowPrivate: [host] }, () =>
      Promise.resolve([{ address, family: 4 }]),
    );
    const url = `http://${host}/again`;
    here.asked.length = 0;
    await call(kit, 'fetch_page', { url });
    await call(kit, 'fetch_page', { url });
    const [first, second] = here.asked;
    expect(first?.socket === second?.socket).toBe(false);
    expect(first?.headers.connection).toBe('close');
    address = '169.254.169.254';
    expect((await failure(call(kit, 'fetch_page', { url }))).message).toContain(
      'not on the public',
    );
    expect(here.asked).toHaveLength(2);
  });
});

describe('allowPrivate opens exactly what it names', () => {
  test('this host and port, and neither another port nor another spelling of the host', async () => {
    here.on('/', text('home'));
    here.asked.length = 0;
    const kit = kitOf({ robots: false, allowPrivate: [here.host] });
    const at = (url: string) => call(kit, 'fetch_page', { url });
    expect(await at(`${here.url}/`)).toContain('home');
    expect(await at(`http://2130706433:${here.port}/`)).toContain('home'); // the same address, once it is read
    for (const url of [
      `http://localhost:${here.port}/`,
      'http://127.0.0.1/',
      `http://127.0.0.2:${here.port}/`,
      `http://[::ffff:7f00:1]:${here.port}/`,
    ])
      expect(await failure(at(url))).toBeInstanceOf(ToolError);
    expect(here.asked).toHaveLength(2);
  });

  test('it opens no link-local and no metadata address', async () => {
    const kit = kitOf({ robots: false, allowPrivate: ['169.254.169.254:80', 'meta.test:80'] }, () =>
      Promise.resolve([{ address: '169.254.169.254', family: 4 }]),
    );
    for (const url of ['http://169.254.169.254/', 'http://meta.test/'])
      expect((await failure(call(kit, 'fetch_page', { url }))).message).toContain(
        'not on the public',
      );
  });

  test('a redirect to another port of the same machine is refused', async () => {
    const other = createServer((_, response) => response.end('secret'));
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    try {
      here.on('/hop', redirect(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`));
      expect((await failure(fetchFrom(here, '/hop'))).message).toMatch(
        /is on port|not on the public/,
      );
    } finally {
      other.close();
    }
  });
});

describe('allow and deny', () => {
  const nowhere = () => Promise.resolve([]);
  const words = async (options: object, url: string) =>
    (await failure(call(kitOf({ robots: false, ...options }, nowhere), 'fetch_page', { url })))
      .message;

  test('allow opens the named hosts alone, with * for what is below one', async () => {
    const options = { allow: ['example.com', '*.example.org'] };
    for (const url of ['http://example.com/', 'https://EXAMPLE.com./', 'http://a.b.example.org/'])
      expect(await words(options, url)).toContain('has no address');
    for (const url of [
      'http://www.example.com/',
      'http://example.org/',
      'http://notexample.org/',
      'http://example.com.evil.test/',
      'http://evil.test/?example.com',
    ])
      expect(await words(options, url)).toContain('not on a host that may be fetched');
  });

  test('deny wins, also over a dot at the end and capital letters', async () => {
    const options = { allow: ['*.test'], deny: ['evil.test', '*.evil.test'] };
    for (const url of ['http://evil.test/', 'http://EVIL.test./', 'http://a.evil.test/'])
      expect(await words(options, url)).toContain('is on a host that may not be fetched');
    expect(await words(options, 'http://good.test/')).toContain('has no address');
  });

  test('a redirect to a host that is not allowed is refused', async () => {
    here.on('/out', redirect('http://example.com/'));
    expect((await failure(fetchFrom(here, '/out', { allow: ['127.0.0.1'] }))).message).toContain(
      'not on a host that may be fetched',
    );
  });
});

describe('only http and https, on the ports of websites', () => {
  for (const url of [
    'file:///etc/passwd',
    'ftp://example.com/',
    'gopher://example.com/',
    'data:text/html,hi',
    'javascript:alert(1)',
    'blob:http://a/b',
    'about:blank',
    'view-source:http://example.com',
    'HTTP+UNIX://x/',
    '/etc/passwd',
    '//example.com/',
    'example.com',
    '',
    ' ',
  ])
    test(JSON.stringify(url), async () => {
      expect(await refusal(url)).toMatch(/only http: and https:|is not a URL/);
    });

  test('ports of mail, shells and databases are refused before anything is looked up', async () => {
    const never = () => Promise.reject(new Error('it was looked up'));
    for (const port of [0, 22, 25, 110, 3306, 5432, 6379, 11211, 27017, 65535])
      expect(await refusal(`http://example.com:${port}/`, never)).toContain(`is on port ${port}`);
    const kit = kitOf({ robots: false, allow: ['example.com:6379', 'example.com'] }, never);
    expect(
      (await failure(call(kit, 'fetch_page', { url: 'http://example.com:6379/' }))).message,
    ).toContain('no host');
    expect(await refusal('http://example.com:8443/', never)).toContain('no host');
  });
});

describe('the model chooses the URL and nothing else of a request', () => {
  test('the method is GET, and the headers are the same few each time', async () => {
    here.on('/plain', text('x'));
    here.asked.length = 0;
    await fetchFrom(
      here,
      '/plain?a=1#part',
      { userAgent: 'Robo/1.0 (+https://example.com)' },
      { method: 'POST', headers: { Host: 'evil' }, body: 'x' },
    );
    const [request] = here.asked;
    expect(request?.method).toBe('GET');
    expect(request?.url).toBe('/plain?a=1');
    expect(Object.keys(request?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
    expect(request?.headers.host).toBe(here.host);
    expect(request?.headers['user-agent']).toBe('Robo/1.0 (+https://example.com)');
  });

  test('line breaks in a URL make no header and no second request', async () => {
    const seen: string[] = [];
    const raw = createTcpServer((socket) => {
      socket.on('data', (data) => {
        seen.push(data.toString('latin1'));
        socket.end(
          'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok',
        );
      });
    });
    await new Promise<void>((resolve) => void raw.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(raw.address() as AddressInfo).port}`;
    try {
      const kit = kitOf({ robots: false, allowPrivate: [host] });
      const path = '/a\r\nX-Evil: 1\r\n\r\nGET /b HTTP/1.1\r\nHost: c\u2028\0?q=%0d%0aX-Evil: 2';
      await call(kit, 'fetch_page', { url: `http://${host}${path}` });
      const [request = ''] = seen;
      expect(seen).toHaveLength(1);
      expect(request.split('\r\n').filter((line) => /^(x-evil|get)/i.test(line))).toHaveLength(1);
      expect(request.match(/\r\n\r\n/g)).toHaveLength(1);
    } finally {
      raw.close();
    }
  });
});

test('proxies of the environment are never used', async () => {
  let proxied = 0;
  const proxy = createTcpServer((socket) => {
    proxied++;
    socket.destroy();
  });
  onTestFinished(() => void proxy.close());
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const names = [
    'HTTP_PROXY',
    'http_proxy',
    'HTTPS_PROXY',
    'https_proxy',
    'ALL_PROXY',
    'all_proxy',
    'npm_config_proxy',
  ];
  for (const name of names) vi.stubEnv(name, address);
  vi.stubEnv('NODE_USE_ENV_PROXY', '1');
  here.on('/direct', text('direct'));
  expect(await fetchFrom(here, '/direct')).toContain('direct');
  expect(proxied).toBe(0);
});
