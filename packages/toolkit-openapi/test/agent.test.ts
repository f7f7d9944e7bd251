import { Agent } from '@throughline/core';
import type { Model, ModelPart, ModelRequest } from '@throughline/core';
import { expect, test } from 'vitest';
import { openapi } from '../src/index.ts';
import { listening } from './call.ts';

const server = listening();
const token = 'shop-token';
const description = `
openapi: 3.1.0
info: { title: Shop, version: '1' }
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      security: [{ shop: [] }]
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
    delete:
      operationId: deleteOrder
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
components:
  securitySchemes: { shop: { type: http, scheme: bearer } }
`;

/** Asks for order 17 and for one that is no number, then says what it was told. */
const model: Model = {
  id: 'fake',
  async *stream({ messages }: ModelRequest) {
    const told = messages.flatMap((message) => (message.role === 'tool' ? [message.content] : []));
    if (told.length > 0) {
      yield [
        { type: 'text', delta: told.join('\n') },
        { type: 'finish', reason: 'stop' },
      ];
      return;
    }
    const calls = [17, '../admin'].map((id, index): ModelPart => ({
      type: 'call',
      index,
      id: `call_${index}`,
      name: 'getOrder',
      delta: JSON.stringify({ id }),
    }));
    yield [...calls, { type: 'finish', reason: 'tool_calls' }];
  },
};

test('an agent with the toolkit calls the service, and is told what does not fit', async () => {
  server.answer = (_, response) => {
    response.setHeader('content-type', 'application/json').end('{"total":40}');
  };
  const baseURL = server.url;
  // #region use
  const shop = openapi(description, {
    baseURL,
    operations: ['getOrder', 'DELETE /orders/{id}'],
    auth: { shop: token },
  });
  const agent = new Agent({ model, tools: [shop] });
  const { text } = await agent.run('What was order 17?');
  // #endregion
  expect(text).toContain('HTTP 200 OK, application/json\n\n{"total":40}');
  expect(text).toContain('Instance type "string" is invalid. Expected "integer"');
  expect(server.arrived.map(({ target, headers }) => [target, headers.authorization])).toEqual([
    ['/orders/17', 'Bearer shop-token'],
  ]);
});
