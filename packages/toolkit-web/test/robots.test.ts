import { ToolError } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import { body, call, failure, kitOf, redirect, site } from './site.ts';
import type { Answer, Site } from './site.ts';

const here = site();
const other = site();
const text = (words: string) => body(words, { 'content-type': 'text/plain' });

function fetchWith(
  robots: Answer,
  path: string,
  options: object = {},
  at: Site = here,
): Promise<string> {
  at.on('/robots.txt', robots);
  at.on('/open', text('open page'));
  at.on('/shut/page', text('shut page'));
  const kit = kitOf({ allowPrivate: [here.host, other.host], ...options });
  return call(kit, 'fetch_page', { url: at.url + path });
}

describe('robots.txt is kept to', () => {
  test('what it forbids to all is not asked for, and what it does not is', async () => {
    const rules = text('User-agent: *\nDisallow: /shut/');
    here.asked.length = 0;
    const error = await failure(fetchWith(rules, '/shut/page'));
    expect(error).toBeInstanceOf(ToolError);
    expect(error.message).toBe(
      `"${here.url}/shut/page" may not be fetched: its site's robots.txt forbids it.`,
    );
    expect(here.asked).toHaveLength(0);
    expect(await fetchWith(rules, '/open')).toContain('open page');
  });

  test('a group with our own name counts before that for all', async () => {
    const rules = text(
      'User-agent: *\nDisallow: /\n\nUser-agent: robo\nDisallow: /shut/\nAllow: /',
    );
    expect((await failure(fetchWith(rules, '/open'))).message).toContain('forbids it');
    const named = { userAgent: 'Robo/2.0 (+https://example.com)' };
    expect(await fetchWith(rules, '/open', named)).toContain('open page');
    expect((await failure(fetchWith(rules, '/shut/page', named))).message).toContain('forbids it');
  });

  test('robots: false asks for none', async () => {
    let asked = 0;
    const rules: Answer = (request, response) => {
      asked++;
      text('User-agent: *\nDisallow: /')(request, response);
    };
    expect(await fetchWith(rules, '/open', { robots: false })).toContain('open page');
    expect(asked).toBe(0);
  });

  test('it is read once for many pages, also when they come at once', async () => {
    let asked = 0;
    here.on('/robots.txt', (request, response) => {
      asked++;
      text('User-agent: *\nDisallow: /shut/')(request, response);
    });
    here.on('/open', text('open page'));
    const kit = kitOf({ allowPrivate: [here.host] });
    await Promise.all(
      Array.from({ length: 10 }, () => call(kit, 'fetch_page', { url: `${here.url}/open` })),
    );
    expect(asked).toBe(1);
  });

  test('that of the origin a redirect leads to counts as well', async () => {
    other.on('/robots.txt', text('User-agent: *\nDisallow: /'));
    here.on('/away', redirect(`${other.url}/open`));
    other.asked.length = 0;
    expect((await failure(fetchWith(text(''), '/away'))).message).toContain('forbids it');
    expect(other.asked).toHaveLength(0);
  });

  test('a page of its own is no rule: 404 allows all', async () => {
    expect(
      await fetchWith((_, response) => void response.writeHead(404).end('x'), '/open'),
    ).toContain('open page');
  });

  for (const status of [429, 500, 503])
    test(`a site whose robots.txt answers ${status} is left alone, and asked again by the next call`, async () => {
      let asked = 0;
      here.on('/robots.txt', (_, response) => {
        asked++;
        response.writeHead(status).end();
      });
      here.on('/open', text('open page'));
      const kit = kitOf({ allowPrivate: [here.host] });
      for (let round = 1; round <= 2; round++) {
        const error = await failure(call(kit, 'fetch_page', { url: `${here.url}/open` }));
        expect(error.message).toBe(
          `"${here.url}/robots.txt" cannot be read, so its site is left alone. The server answered ${status}.`,
        );
        expect(asked).toBe(round);
      }
    });

  test('its redirects are followed through the same guard', async () => {
    here.on('/rules', text('User-agent: *\nDisallow: /shut/'));
    expect((await failure(fetchWith(redirect('/rules'), '/shut/page'))).message).toContain(
      'forbids it',
    );
    for (const location of [
      'http://169.254.169.254/',
      'http://[::1]/',
      'file:///etc/passwd',
      '/robots.txt',
    ])
      expect((await failure(fetchWith(redirect(location), '/open'))).message).toContain(
        'is left alone',
      );
  });

  test('100 MB of it are not loaded, and what is read of it counts', async () => {
    let sent = 0;
    const endless: Answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write('User-agent: *\nDisallow: /shut/\n');
      const filler = '# nothing\n'.repeat(10_000);
      const more = () => {
        while (!response.destroyed && sent < 1_000 && response.write(filler)) sent++;
        if (sent >= 1_000) response.end();
      };
      response.on('drain', more);
      more();
    };
    expect((await failure(fetchWith(endless, '/shut/page'))).message).toContain('forbids it');
    expect(sent).toBeLessThan(500);
  });

  test('rules that take gigabytes to read cost this site alone', async () => {
    const bomb =
      'User-agent: *\n' + 'User-agent: x\n'.repeat(15_000) + 'Disallow: /*a\n'.repeat(18_000);
    here.on('/robots.txt', text(bomb));
    other.on('/robots.txt', text('User-agent: *\nDisallow: /shut/'));
    other.on('/open', text('open page'));
    const options = { allowPrivate: [here.host, other.host] };
    const kit = kitOf(options, undefined, { readerBounds: { readingMs: 1_000 } });
    const error = await failure(call(kit, 'fetch_page', { url: `${here.url}/open` }));
    expect(error.message).toBe(
      `"${here.url}/robots.txt" cannot be read, so its site is left alone. It cannot be read: that took longer than 1 second.`,
    );
    expect(await call(kit, 'fetch_page', { url: `${other.url}/open` })).toContain('open page');
  });

  test('a call that is aborted while it waits for robots.txt ends with its reason, and others go on', async () => {
    let answer = () => {};
    let arrived = () => {};
    const reached = new Promise<void>((resolve) => (arrived = resolve));
    here.on('/robots.txt', (request, response) => {
      answer = () => text('')(request, response);
      arrived();
    });
    here.on('/open', text('open page'));
    const kit = kitOf({ allowPrivate: [here.host] });
    const stop = new AbortController();
    const first = failure(call(kit, 'fetch_page', { url: `${here.url}/open` }, stop.signal));
    const second = call(kit, 'fetch_page', { url: `${here.url}/open` });
    await reached;
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await first).toBe(reason);
    answer();
    expect(await second).toContain('open page');
  });
});
