import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { openapi } from '../src/index.ts';
import { call, listening } from './call.ts';
import { descriptions } from './descriptions.ts';

const server = listening();
type Name = keyof typeof descriptions;

/** Description, tool, what the model writes, and the request as it arrives. */
const calls: readonly [Name, string, object, string, string?][] = [
  [
    'petstore2',
    'addPet',
    { body: { name: 'Rex', parent: { name: 'Ada', note: null } } },
    'POST /pet',
    '{"name":"Rex","parent":{"name":"Ada","note":null}}',
  ],
  [
    'petstore2',
    'findPets',
    { status: ['sold', 'new'], tags: ['a,b', 'c'], sort: ['x', 'y'] },
    'GET /pet/findByStatus?status=sold&status=new&tags=a%2Cb,c&sort=x%7Cy',
  ],
  [
    'petstore2',
    'updatePetWithForm',
    { petId: 7, body: { name: 'R & B', nicknames: ['a', 'b'] } },
    'POST /pet/7',
    'name=R%20%26%20B&nicknames=a,b',
  ],
  [
    'petstore3',
    'updatePet',
    { body: { name: null, weight: 0.1 } },
    'PUT /pet',
    '{"name":null,"weight":0.1}',
  ],
  [
    'codeHost',
    'issues_list-for-repo',
    { owner: 'o', repo: 'r', labels: 'bug,help' },
    'GET /repos/o/r/issues?labels=bug%2Chelp',
  ],
  [
    'codeHost',
    'issues_create',
    { owner: 'o', repo: 'r', body: { title: 'It breaks' } },
    'POST /repos/o/r/issues',
    '{"title":"It breaks"}',
  ],
  ['codeHost', 'markdown_render-raw', { body: '# Title ü' }, 'POST /markdown/raw', '# Title ü'],
  [
    'payments',
    'GetCharges',
    { created: { gte: 5 }, expand: ['customer'] },
    'GET /v1/charges?created%5Bgte%5D=5&expand%5B0%5D=customer',
  ],
  [
    'payments',
    'PostCharges',
    { body: { amount: 5, metadata: { 'a&b': '=' }, items: [{ price: 'p1' }] } },
    'POST /v1/charges',
    'amount=5&metadata%5Ba%26b%5D=%3D&items%5B0%5D%5Bprice%5D=p1',
  ],
  [
    'chat',
    'chat_postMessage',
    { token: 't', body: { channel: '#dev', unfurl_links: false } },
    'POST /chat.postMessage',
    'channel=%23dev&unfurl_links=false',
  ],
  [
    'cluster',
    'patchCoreV1NamespacedPod',
    { namespace: 'default', name: 'web-1', body: { spec: {} } },
    'PATCH /api/v1/namespaces/default/pods/web-1',
    '{"spec":{}}',
  ],
  [
    'telephony',
    'CreateMessage',
    { AccountSid: 'AC12ef', body: { To: '+15550100', MediaUrl: ['https://x.example/a?b'] } },
    'POST /2010-04-01/Accounts/AC12ef/Messages.json',
    'To=%2B15550100&MediaUrl=https%3A%2F%2Fx.example%2Fa%3Fb',
  ],
  [
    'models',
    'createChatCompletion',
    { body: { messages: [{ role: 'user', content: 'Hi' }], temperature: null } },
    'POST /chat/completions',
    '{"messages":[{"role":"user","content":"Hi"}],"temperature":null}',
  ],
  [
    'discovery',
    'things_operations_cancel',
    { name: 'projects/p/operations/7', '$.xgafv': '2' },
    'POST /v1/projects/p/operations/7:cancel?%24.xgafv=2',
  ],
  ['storage', 'delete_files_id', { file_id: '12', 'if-match': '"1"' }, 'DELETE /files/12'],
  [
    'storage',
    'get_folders_id_items',
    { folder_id: '0', fields: ['id', 'name'] },
    'GET /folders/0/items?fields=id,name',
  ],
  [
    'droplets',
    'dropletActions_post',
    { id: 3, body: { type: 'reboot' } },
    'POST /droplets/3/actions',
    '{"type":"reboot"}',
  ],
  ['newest', 'copySearch', { a: { b: 1 } }, 'COPY /search?a=%7B%22b%22%3A1%7D'],
];

test.each(calls)(
  '%s: %s sends what the document describes',
  async (...[name, operation, input, line, body = '']) => {
    const kit = openapi(descriptions[name], { baseURL: server.url, onWarning: () => undefined });
    await call(kit, operation, input);
    const { method, target, body: sent } = server.arrived.at(-1)!;
    expect([`${method} ${target}`, sent]).toEqual([line, body]);
  },
);

test.each(Object.keys(descriptions) as Name[])(
  '%s is the same as an object, as JSON and as YAML',
  async (name) => {
    const document = descriptions[name];
    const kits = [document, JSON.stringify(document), stringify(document)].map((one) =>
      openapi(one, { baseURL: server.url, onWarning: () => undefined }),
    );
    const [first, ...others] = await Promise.all(
      kits.map(async ({ tools }) =>
        Promise.all(
          tools.map(async (tool) => [
            tool.name,
            tool.description,
            tool.effect,
            await tool.inputSchema.describe(),
          ]),
        ),
      ),
    );
    expect(first?.length).toBeGreaterThan(0);
    for (const other of others) expect(other).toEqual(first);
  },
);

test('what cannot be sent is left out, and the host is told why', () => {
  const warnings: string[] = [];
  for (const name of ['petstore2', 'models', 'newest'] as const) {
    openapi(descriptions[name], {
      baseURL: server.url,
      onWarning: (words) => void warnings.push(words),
    });
  }
  expect(warnings).toEqual([
    'openapi: POST /pet/{petId}/uploadImage is left out: its request body is "multipart/form-data"; JSON, forms and text can be sent.',
    'openapi: auth has no credential for "oauth"; the operations that ask for it (1) are sent without.',
    'openapi: auth has no credential for "api_key"; the operations that ask for it (1) are sent without.',
    'openapi: POST /files is left out: its request body is "multipart/form-data"; JSON, forms and text can be sent.',
    'openapi: auth has no credential for "ApiKeyAuth"; the operations that ask for it (1) are sent without.',
    'openapi: GET /search is left out: its parameter "all" stands in "querystring", which is not supported.',
  ]);
});

test('GET and HEAD read, DELETE destroys, all others write', () => {
  const item = Object.fromEntries(
    ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'].map((method) => [method, {}]),
  );
  const { tools } = openapi({ openapi: '3.0.0', paths: { '/x': item } }, { baseURL: server.url });
  expect(tools.map(({ name, effect }) => `${name} ${effect}`)).toEqual([
    'get_x read',
    'head_x read',
    'post_x write',
    'put_x write',
    'patch_x write',
    'delete_x destructive',
    'options_x write',
  ]);
});

test('a document is left as it was', () => {
  const before = JSON.stringify(descriptions);
  for (const document of Object.values(descriptions))
    openapi(document, { baseURL: server.url, onWarning: () => undefined });
  expect(JSON.stringify(descriptions)).toBe(before);
});

test('read-only members are not asked for, and what the document requires is', async () => {
  const kit = openapi(descriptions.petstore2, { baseURL: server.url, onWarning: () => undefined });
  await expect(call(kit, 'addPet', { body: {} })).rejects.toThrow('name');
  const described = JSON.stringify(await kit.tools[0]?.inputSchema.describe());
  expect(described).not.toContain('"id"');
});

test('a GET is offered without a body, and left out where it needs one', async () => {
  const kit = openapi(descriptions.payments, {
    baseURL: server.url,
    onWarning: () => undefined,
    operations: ['GetCharges'],
  });
  const schema = await kit.tools[0]?.inputSchema.describe();
  expect(Object.keys(schema?.['properties'] ?? {})).toEqual(['created', 'expand']);
  const warnings: string[] = [];
  const requestBody = { required: true, content: { 'application/json': { schema: {} } } };
  const document = { openapi: '3.0.0', paths: { '/s': { get: { requestBody } } } };
  openapi(document, { baseURL: server.url, onWarning: (words) => void warnings.push(words) });
  expect(warnings).toEqual([
    'openapi: GET /s is left out: a GET cannot be sent with its request body.',
  ]);
});
