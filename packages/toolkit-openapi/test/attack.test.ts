import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openapi } from '../src/index.ts';
import { answerEmpty, call, describing, listening } from './call.ts';

const server = listening();

const pathDescription = describing('/pets/{id}/toys', {
  parameters: [
    { name: 'id', in: 'path', required: true, schema: {} },
    { name: 'q', in: 'query', schema: {} },
    { name: 'filter', in: 'query', style: 'deepObject', schema: {} },
    { name: 'X-Note', in: 'header', schema: {} },
    { name: 'taste', in: 'cookie', schema: {} },
  ],
});

test.each([
  '../admin',
  '..',
  '.',
  '%2e%2e',
  '%2E%2e/admin',
  '..%2fadmin',
  '%252e%252e',
  '..\\admin',
  'a/../../b',
])(
  'a path parameter %j, which could lead to another path, is refused and nothing is sent',
  async (id) => {
    const before = server.arrived.length;
    const kit = openapi(pathDescription, { baseURL: server.url });
    await expect(call(kit, 'act', { id })).rejects.toThrow('could lead to another path');
    expect(server.arrived).toHaveLength(before);
  },
);

test.each(['', [], null, ['a', ''], {}])('an empty path parameter %j is refused', async (id) => {
  const kit = openapi(pathDescription, { baseURL: server.url });
  await expect(call(kit, 'act', { id })).rejects.toThrow('must not be empty');
});

test.each([
  ['a/b', '/pets/a%2Fb/toys'],
  ['?x=1', '/pets/%3Fx%3D1/toys'],
  ['#x', '/pets/%23x/toys'],
  ['a b&c', '/pets/a%20b%26c/toys'],
  ['@evil.example', '/pets/%40evil.example/toys'],
  ['ü', '/pets/%C3%BC/toys'],
])('a path parameter %j stays one segment: %s', async (id, target) => {
  await call(openapi(pathDescription, { baseURL: server.url }), 'act', { id });
  expect(server.arrived.at(-1)?.target).toBe(target);
});

test.each(['a\r\nX-Evil: 1', 'a\nb', 'a\0b', 'ü'])('a header value %j is refused', async (note) => {
  const before = server.arrived.length;
  const kit = openapi(pathDescription, { baseURL: server.url });
  await expect(call(kit, 'act', { id: '1', 'X-Note': note })).rejects.toThrow('one line of ASCII');
  expect(server.arrived).toHaveLength(before);
});

test('whatever is written into any parameter, the request keeps its path, its server and its headers', async () => {
  const kit = openapi(pathDescription, { baseURL: `${server.url}/v1` });
  await call(kit, 'act', { id: 'x', 'X-Note': 'x', taste: 'x' });
  const usual = Object.keys(server.arrived.at(-1)?.headers ?? {}).sort();
  const nasty = fc.constantFrom(
    '..',
    '/',
    '\\',
    '%2e',
    '%2f',
    '?',
    '#',
    '\r\n',
    ';',
    '&',
    '=',
    '@',
    ':',
    '.',
    '\0',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(nasty, fc.string()), { maxLength: 6 }).map((parts) => parts.join('')),
  );
  const value = fc.oneof(text, fc.jsonValue(), fc.array(text), fc.dictionary(text, text));
  let sent = 0;
  const inputs = fc.record({ id: value, q: value, filter: value, 'X-Note': value, taste: value });
  await fc.assert(
    fc.asyncProperty(inputs, fc.boolean(), async (all, isPathAlone) => {
      const input = isPathAlone ? { id: all.id } : all;
      const before = server.arrived.length;
      const refused = await call(kit, 'act', input).then(
        () => undefined,
        (error: Error) => error,
      );
      if (refused !== undefined) {
        expect(refused.name, refused.message).toBe('ToolError');
        expect(server.arrived).toHaveLength(before);
        return;
      }
      sent++;
      const { target, headers } = server.arrived.at(-1)!;
      const [path = '', query = ''] = target.split(/\?(.*)/s);
      expect(path).toMatch(/^\/v1\/pets\/[^/]+\/toys$/);
      expect(decodeURIComponent(path.split('/')[3] ?? '')).not.toMatch(/^\.{1,2}$/);
      expect(new URL(target, server.url).pathname).toBe(path);
      expect(query).not.toMatch(/[#?\s]/);
      expect(usual).toEqual(expect.arrayContaining(Object.keys(headers)));
    }),
    { numRuns: 400 },
  );
  expect(sent).toBeGreaterThan(40);
});

test.each([
  'file:///etc/passwd',
  'http://169.254.169.254/latest',
  'other.yaml#/x',
  '//evil.example/x',
])('a reference to %s costs its operation alone, and nothing is opened', ($ref) => {
  const warnings: string[] = [];
  const document = {
    openapi: '3.0.0',
    paths: {
      '/bad': { post: { requestBody: { content: { 'application/json': { schema: { $ref } } } } } },
      '/worse': { $ref },
      '/good': { get: {} },
    },
  };
  const kit = openapi(document, {
    baseURL: server.url,
    onWarning: (words) => void warnings.push(words),
  });
  expect(kit.tools.map(({ name }) => name)).toEqual(['get_good']);
  expect(warnings).toEqual([
    `openapi: The path "/worse" is left out: the reference ${JSON.stringify($ref)} leads out of the document, and is not followed.`,
    `openapi: POST /bad is left out: the reference ${JSON.stringify($ref)} leads out of the document, and is not followed.`,
  ]);
});

test('schemas of thousands of nodes that hold each other become one bounded schema, and the call works', async () => {
  const size = 6_000;
  const schemas = Object.fromEntries(
    Array.from({ length: size }, (_, at) => [
      `N${at}`,
      {
        type: 'object',
        properties: {
          next: { $ref: `#/components/schemas/N${(at + 1) % size}` },
          far: { $ref: `#/components/schemas/N${(at * 7 + 3) % size}` },
          self: { $ref: `#/components/schemas/N${at}` },
        },
      },
    ]),
  );
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/N0' } } };
  const document = {
    ...describing('/n', { requestBody: { content } }, 'post'),
    components: { schemas },
  };
  const warnings: string[] = [];
  const kit = openapi(document, {
    baseURL: server.url,
    onWarning: (words) => void warnings.push(words),
  });
  const described = await kit.tools[0]?.inputSchema.describe();
  expect(JSON.stringify(described).length).toBeLessThan(100_000);
  expect(Object.keys(described?.['$defs'] ?? {}).length).toBeLessThan(501);
  expect(warnings).toEqual([expect.stringContaining('told as any value')]);
  await call(kit, 'act', { body: { next: { self: { far: {} } } } });
  expect(server.arrived.at(-1)?.body).toBe('{"next":{"self":{"far":{}}}}');
});

test('a schema that holds itself as an object costs its operation alone', () => {
  const schema: Record<string, unknown> = { type: 'object' };
  schema['properties'] = { self: schema };
  const warnings: string[] = [];
  const document = describing('/n', { parameters: [{ name: 'a', in: 'query', schema }] });
  const kit = openapi(document, {
    baseURL: server.url,
    onWarning: (words) => void warnings.push(words),
  });
  expect(kit.tools).toEqual([]);
  expect(warnings[0]).toContain('deeper than 60 levels, or holds itself');
});

test('a pattern of the document is told to the model and never run', async () => {
  const schema = { type: 'string', pattern: '^(a+)+$' };
  const kit = openapi(describing('/n', { parameters: [{ name: 'a', in: 'query', schema }] }), {
    baseURL: server.url,
  });
  expect(JSON.stringify(await kit.tools[0]?.inputSchema.describe())).toContain(
    '(pattern: ^(a+)+$)',
  );
  await call(kit, 'act', { a: `${'a'.repeat(50)}!` });
  expect(server.arrived.at(-1)?.target).toBe(`/n?a=${'a'.repeat(50)}%21`);
});

test.each([
  'http://api.example.com',
  'https://localhost/x',
  'https://127.0.0.1',
  'https://[::ffff:169.254.169.254]',
  'https://2130706433/',
  'https://metadata.google.internal',
  'https://user:pass@api.example.com',
  'ftp://api.example.com',
  '/v1',
])('a document may not send requests to %s by itself', (url) => {
  const warnings: string[] = [];
  const document = { ...describing('/n', {}), servers: [{ url }] };
  expect(openapi(document, { onWarning: (words) => void warnings.push(words) }).tools).toEqual([]);
  expect(warnings[0]).toContain('baseURL');
});

test('credentials need a baseURL, since a document could name any server', () => {
  const document = {
    ...describing('/n', {}),
    servers: [{ url: 'https://evil.example' }],
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
  };
  expect(() => openapi(document, { auth: { key: 'secret' } })).toThrow('need baseURL');
  expect(() => openapi(document, { headers: { 'x-key': 'secret' } })).toThrow('need baseURL');
});

test("an operation on another server than the document's is left out", () => {
  const warnings: string[] = [];
  const document = {
    openapi: '3.1.0',
    servers: [{ url: 'https://api.example.com' }],
    paths: {
      '/a': { get: {} },
      '/b': { get: { servers: [{ url: 'https://evil.example' }] } },
    },
  };
  const kit = openapi(document, { onWarning: (words) => void warnings.push(words) });
  expect(kit.tools.map(({ name }) => name)).toEqual(['get_a']);
  expect(warnings).toEqual([
    expect.stringContaining('"https://evil.example" and not the document'),
  ]);
});

test.each([
  'Host',
  'Content-Length',
  'Transfer-Encoding',
  'X-HTTP-Method-Override',
  'Authorization',
  'X-Forwarded-For',
])('the model is not offered the header %s', async (name) => {
  const kit = openapi(describing('/n', { parameters: [{ name, in: 'header', schema: {} }] }), {
    baseURL: server.url,
  });
  expect((await kit.tools[0]?.inputSchema.describe())?.['properties']).toEqual({});
});

test.each(['/a/../b', '/a?x={id}', '/a#{id}', '/a\\b', '//evil.example/{id}'])(
  'a path template %j never leads to another place',
  async (path) => {
    server.answer = answerEmpty;
    const warnings: string[] = [];
    const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
    const kit = openapi(describing(path, { parameters: [id] }), {
      baseURL: server.url,
      onWarning: (words) => void warnings.push(words),
    });
    if (kit.tools.length === 0) return expect(warnings).toHaveLength(1);
    await call(kit, 'act', { id: '1' });
    expect(server.arrived.at(-1)?.target).toBe('//evil.example/1');
  },
);
