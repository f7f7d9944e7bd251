import { expect, test } from 'vitest';
import { openapi } from '../src/index.ts';
import { describing } from './call.ts';

const baseURL = 'https://api.example.com';
const large = {
  openapi: '3.0.0',
  paths: Object.fromEntries(
    Array.from({ length: 50 }, (_, at) => [
      `/things/${at}`,
      { get: { operationId: `getThing${at}`, tags: [at < 3 ? 'first' : 'rest'] } },
    ]),
  ),
};

test('a document of more than 40 operations asks for a filter, with the count and an example', () => {
  expect(() => openapi(large, { baseURL })).toThrow(
    'openapi: the document has 50 operations, which is too many for a model (more than 40). ' +
      'Choose some: operations: ["getThing0", "getThing1"], or ' +
      'operations: ({ tags, method }) => tags.includes("first") && method === \'GET\'.',
  );
});

test('operations are chosen by id, by method and path, or by a function', () => {
  const names = (operations: NonNullable<Parameters<typeof openapi>[1]>['operations']) =>
    openapi(large, { baseURL, operations: operations ?? [] }).tools.map(({ name }) => name);
  expect(names(['getThing7', 'GET /things/9'])).toEqual(['getThing7', 'getThing9']);
  expect(names(({ tags }) => tags.includes('first'))).toEqual([
    'getThing0',
    'getThing1',
    'getThing2',
  ]);
  expect(() => names(['getThing77'])).toThrow(
    'there is no operation "getThing77". There are "getThing7"',
  );
});

test('names are legal, unique, and do not depend on the filter or the order', () => {
  const long = `get${'Very'.repeat(30)}LongThing`;
  const paths = {
    '/a': { get: { operationId: 'same id' }, post: { operationId: 'same/id' } },
    '/b': { get: { operationId: long }, post: { operationId: '2fa.enable' } },
    '/c/{id}/ü': {
      parameters: [{ name: 'id', in: 'path' }],
      get: {},
      put: { operationId: '¡!' },
    },
  };
  const document = { openapi: '3.0.0', paths };
  const turned = { openapi: '3.0.0', paths: Object.fromEntries(Object.entries(paths).reverse()) };
  const names = openapi(document, { baseURL }).tools.map(({ name }) => name);
  expect(names).toEqual([
    expect.stringMatching(/^same_id_[0-9a-f]{8}$/),
    expect.stringMatching(/^same_id_[0-9a-f]{8}$/),
    expect.stringMatching(/^get(Very)+_[0-9a-f]{8}$|^getVery/),
    'op_2fa_enable',
    'get_c_id',
    'put_c_id',
  ]);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/);
  expect(
    openapi(turned, { baseURL })
      .tools.map(({ name }) => name)
      .sort(),
  ).toEqual([...names].sort());
  const one = openapi(document, { baseURL, operations: ['same/id'] });
  expect(one.tools.map(({ name }) => name)).toEqual([names[1]]);
});

test.each([
  [undefined, 'the document is not an object'],
  ['', 'the document is not an object'],
  ['https://api.example.com/openapi.json', 'is an address. Fetch the description yourself'],
  ['{"openapi": ', 'neither JSON nor YAML'],
  ['a: [', 'neither JSON nor YAML'],
  [{}, 'names no version'],
  [{ openapi: '4.0.0' }, 'is of version "4.0.0"'],
  [{ swagger: '1.2' }, 'is of version "1.2"'],
  [{ openapi: '3.1.0' }, 'has no operations'],
  ['['.repeat(100_000), 'neither JSON nor YAML'],
  [
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[at]}`).join(',')}]`)
      .join('\n')}`,
    'neither JSON nor YAML',
  ],
])('the document %j is refused in words', (document, words) => {
  expect(() => openapi(document as string, { baseURL })).toThrow(words);
});

test.each([
  [{ baseURL: 'nowhere' }, 'no address'],
  [{ baseURL: 'http://api.example.com' }, 'not encrypted; allowHttp: true'],
  [{ baseURL: 'https://user:pass@api.example.com' }, 'no address'],
  [{ baseURL, timeoutMs: 0 }, 'timeoutMs is "0"'],
  [{ baseURL, operation: [] }, 'no option "operation"'],
  [{ baseURL, operations: 'getThing' }, 'neither a list of names nor a function'],
  [{ baseURL, onWarning: 'loud' }, 'onWarning is no function'],
  [{ baseURL, headers: { host: 'x' } }, '"host" is no header that can be sent'],
])('the options %j are refused in words', (options, words) => {
  expect(() => openapi(describing('/x', {}), options as object)).toThrow(words);
});

test('a name that stands in two places becomes two arguments', async () => {
  const parameters = [
    { name: 'id', in: 'query', schema: { type: 'string' } },
    { name: 'id', in: 'header', schema: { type: 'string' } },
    { name: 'body', in: 'query', schema: { type: 'string' } },
  ];
  const requestBody = { content: { 'application/json': { schema: { type: 'object' } } } };
  const kit = openapi(describing('/x', { parameters, requestBody }, 'post'), { baseURL });
  const schema = await kit.tools[0]?.inputSchema.describe();
  expect(Object.keys(schema?.['properties'] ?? {})).toEqual([
    'id_query',
    'id_header',
    'body_query',
    'body',
  ]);
});

test('one bad operation costs its own tool alone, whatever is wrong with it', () => {
  const bad: Record<string, unknown> = {
    '/0/{id}': { get: {} },
    '/1': { get: { parameters: [{ in: 'query' }] } },
    '/2': { get: { parameters: [{ name: 'a', in: 'query', schema: { type: 'strnig' } }] } },
    '/3': { get: { parameters: [{ name: 'a', in: 'query', schema: [] }] } },
    '/4': { get: { parameters: [{ name: '__proto__', in: 'query' }] } },
    '/5': { get: { parameters: [{ $ref: '#/components/parameters/gone' }] } },
    '/6': { get: { parameters: [{ name: 'a b', in: 'header', schema: {} }] } },
    '/7': { post: { requestBody: { content: { 'application/octet-stream': {} } } } },
    '/8': null,
    '/9': { get: { parameters: [{ $ref: '#/paths/~19/get/parameters/0' }] } },
  };
  const warnings: string[] = [];
  const kit = openapi(
    { openapi: '3.0.0', paths: { ...bad, '/good': { get: {} } } },
    { baseURL, onWarning: (words) => void warnings.push(words) },
  );
  expect(kit.tools.map(({ name }) => name)).toEqual(['get_good']);
  expect(warnings).toHaveLength(10);
});
