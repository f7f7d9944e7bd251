import { toolkitSuite } from '@throughline/testing';
import { describe, it } from 'vitest';
import { openapi } from '../src/index.ts';
import { listening } from './call.ts';

const server = listening();
server.answer = ({ target }, response) => {
  const item = target.split('/').at(-1);
  if (item === '404') return void response.writeHead(404).end('There is no order 404.');
  if (item === '0') return; // never answered
  const words = item === '100' ? 'words '.repeat(50_000) : 'words';
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ words }));
};
const item = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'integer' },
  description: 'Its number.',
};
const description = {
  openapi: '3.1.0',
  info: { title: 'Shop', version: '1' },
  paths: {
    '/orders/{id}': {
      get: { operationId: 'get_order', summary: 'Tells an order.', parameters: [item] },
      put: { operationId: 'put_order', summary: 'Stores an order.', parameters: [item] },
      delete: { operationId: 'delete_order', summary: 'Deletes an order.', parameters: [item] },
    },
  },
};
const input = { works: { id: 17 }, fails: { id: 404 }, tellsMuch: { id: 100 }, waits: { id: 0 } };

describe('the toolkit', () => {
  const cases = {
    make: () => ({
      toolkit: openapi(JSON.stringify(description), {
        baseURL: server.url,
        operations: () => true,
      }),
    }),
    tools: {
      get_order: { effect: 'read', ...input },
      put_order: { effect: 'write', ...input },
      delete_order: { effect: 'destructive', ...input },
    },
  } as const;
  for (const check of toolkitSuite(cases)) it(check.name, () => check.run());
});
