import { ToolError } from '@throughline/core';
import { expect, test } from 'vitest';
import { body, failure, fetchFrom, site } from './site.ts';

const here = site();
const latin = (text: string) => Buffer.from(text, 'latin1');
const utf16 = (text: string, isBig = false) => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
};

const pages: readonly (readonly [name: string, bytes: Uint8Array, type: string, text: string])[] = [
  ['UTF-8 by the header', Buffer.from('<p>café'), 'text/html; charset=UTF-8', 'café'],
  ['Latin-1 by the header', latin('<p>caf\xe9'), 'text/html; charset="iso-8859-1"', 'café'],
  [
    'windows-1252 quotes by the header',
    latin('<p>\x93caf\xe9\x94 \x96 5 \x80'),
    'text/html;charset=windows-1252',
    '“café” – 5 €',
  ],
  [
    'the same under the name of Latin-1, as browsers read it',
    latin('<p>\x91x\x92'),
    'text/html; charset=latin1',
    '‘x’',
  ],
  [
    'windows-1252 where nothing is said and it is no UTF-8',
    latin('<p>\x93caf\xe9\x94'),
    'text/html',
    '“café”',
  ],
  ['UTF-8 where nothing is said and it can be', Buffer.from('<p>“café”'), 'text/html', '“café”'],
  [
    'UTF-8 by its mark, against the header and the meta',
    Buffer.from('\ufeff<meta charset=koi8-r><p>café'),
    'text/html; charset=iso-8859-1',
    'café',
  ],
  ['UTF-16 by its mark, against the header', utf16('<p>café'), 'text/html; charset=utf-8', 'café'],
  ['UTF-16, the other way round', utf16('<p>café', true), 'text/html', 'café'],
  [
    'the header against the meta',
    Buffer.from('<meta charset="koi8-r"><p>café'),
    'text/html; charset=utf-8',
    'café',
  ],
  [
    'the meta, where the header is silent',
    latin('<meta charset="koi8-r"><p>\xf0\xd2\xc9\xd7\xc5\xd4'),
    'text/html',
    'Привет',
  ],
  [
    'the meta in its long form',
    latin('<META http-equiv=Content-Type content="text/html; charset=shift_jis"><p>\x93\xfa\x96{'),
    'text/html',
    '日本',
  ],
  [
    'a meta that says UTF-16 of what is none',
    Buffer.from('<meta charset="utf-16"><p>café'),
    'text/html',
    'café',
  ],
  [
    'an encoding nobody knows is no encoding',
    Buffer.from('<p>café'),
    'text/html; charset=klingon',
    'café',
  ],
  ['GBK', Buffer.from('3c703ec4e3bac3', 'hex'), 'text/html; charset=gb2312', '你好'],
  ['windows-1252 in plain text', latin('\x93caf\xe9\x94'), 'text/plain', '“café”'],
  ['JSON with a mark', Buffer.from('\ufeff{"a":"é"}'), 'application/json', '{"a":"é"}'],
];

for (const [name, bytes, type, text] of pages)
  test(name, async () => {
    here.on('/page', body(bytes, { 'content-type': type }));
    expect(await fetchFrom(here, '/page')).toContain(`\n${text}\n`);
  });

test('UTF-7 is refused, in the header and in the meta, since tags hide in it', async () => {
  const hidden = '+ADw-script+AD4-alert(1)+ADw-/script+AD4-';
  here.on('/header', body(hidden, { 'content-type': 'text/html; charset=utf-7' }));
  here.on('/meta', body(`<meta charset="UTF-7">${hidden}`, { 'content-type': 'text/html' }));
  for (const path of ['/header', '/meta']) {
    const error = await failure(fetchFrom(here, path));
    expect(error).toBeInstanceOf(ToolError);
    expect(error.message).toMatch(/is in the encoding "utf-7", which is not read/i);
  }
});

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const kinds: readonly (readonly [
  name: string,
  bytes: string | Uint8Array,
  type: string | undefined,
  told: RegExp,
])[] = [
  ['a page called a picture', '<html><p>hi', 'image/png', /is no text/],
  ['a picture called a page', png, 'text/html', /is no text/],
  ['a picture', png, 'image/png', /is no text/],
  ['a program called text', Buffer.from('7f454c4602010100', 'hex'), 'text/plain', /is no text/],
  ['a zip called JSON', Buffer.from('504b030414000000', 'hex'), 'application/json', /is no text/],
  ['NUL bytes in text', 'a\0b', 'text/plain', /is no text/],
  ['an unknown type', 'abc', 'application/x-something', /is no text/],
  ['a page without a type', '<!DOCTYPE html><p>hi', undefined, /: HTML page, as Markdown/],
  ['text without a type', 'just words', undefined, /: text, all of it/],
  ['a page of type octet-stream', '  <html><p>hi', 'application/octet-stream', /: HTML page/],
  ['a type that is no type', 'just words', ';;;', /: text, all of it/],
  ['XML', '<?xml version="1.0"?><a>b</a>', 'application/rss+xml', /: text, all of it/],
  ['a type of 10,000 letters', 'just words', `text/${'x'.repeat(10_000)}`, /: text, all of it/],
];

for (const [name, bytes, type, told] of kinds)
  test(`${name} is told as what it is`, async () => {
    here.on('/kind', body(bytes, type === undefined ? {} : { 'content-type': type }));
    const words = await fetchFrom(here, '/kind').catch((error: unknown) => {
      expect(error).toBeInstanceOf(ToolError);
      return (error as Error).message;
    });
    expect(words).toMatch(told);
  });
