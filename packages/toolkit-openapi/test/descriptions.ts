/** Small descriptions, each written with the constructs that are typical of a large public one. */
export const descriptions = {
  /** Swagger 2.0: `formData`, `collectionFormat`, a body parameter, `definitions`, OAuth and an API key. */
  petstore2: {
    swagger: '2.0',
    host: 'petstore.example.com',
    basePath: '/v2',
    schemes: ['http', 'https'],
    securityDefinitions: {
      oauth: {
        type: 'oauth2',
        flow: 'implicit',
        authorizationUrl: 'https://a.example',
        scopes: {},
      },
      api_key: { type: 'apiKey', in: 'header', name: 'api_key' },
    },
    paths: {
      '/pet': {
        post: {
          operationId: 'addPet',
          consumes: ['application/xml', 'application/json'],
          parameters: [{ $ref: '#/parameters/Pet' }],
          security: [{ oauth: ['write:pets'] }],
        },
      },
      '/pet/findByStatus': {
        get: {
          operationId: 'findPets',
          parameters: [
            {
              name: 'status',
              in: 'query',
              required: true,
              type: 'array',
              items: { type: 'string', enum: ['sold', 'new'] },
              collectionFormat: 'multi',
            },
            { name: 'tags', in: 'query', type: 'array', items: { type: 'string' } },
            {
              name: 'sort',
              in: 'query',
              type: 'array',
              items: { type: 'string' },
              collectionFormat: 'pipes',
            },
          ],
        },
      },
      '/pet/{petId}': {
        parameters: [
          { name: 'petId', in: 'path', required: true, type: 'integer', format: 'int64' },
        ],
        post: {
          operationId: 'updatePetWithForm',
          consumes: ['application/x-www-form-urlencoded'],
          parameters: [
            { name: 'name', in: 'formData', type: 'string' },
            { name: 'nicknames', in: 'formData', type: 'array', items: { type: 'string' } },
          ],
        },
        delete: {
          operationId: 'deletePet',
          parameters: [{ name: 'api_key', in: 'header', type: 'string' }],
          security: [{ api_key: [] }],
        },
      },
      '/pet/{petId}/uploadImage': {
        post: {
          operationId: 'uploadFile',
          consumes: ['multipart/form-data'],
          parameters: [
            { name: 'petId', in: 'path', required: true, type: 'integer' },
            { name: 'file', in: 'formData', type: 'file' },
          ],
        },
      },
    },
    parameters: {
      Pet: { name: 'pet', in: 'body', required: true, schema: { $ref: '#/definitions/Pet' } },
    },
    definitions: {
      Pet: {
        type: 'object',
        required: ['name'],
        properties: {
          id: { type: 'integer', readOnly: true },
          name: { type: 'string' },
          parent: { $ref: '#/definitions/Pet' },
          note: { type: 'string', 'x-nullable': true },
        },
      },
    },
  },
  /** 3.0: a relative server, bodies in several types, `nullable`. */
  petstore3: {
    openapi: '3.0.2',
    servers: [{ url: '/api/v3' }],
    paths: {
      '/pet': {
        put: {
          operationId: 'updatePet',
          requestBody: { $ref: '#/components/requestBodies/Pet' },
        },
      },
    },
    components: {
      requestBodies: {
        Pet: {
          required: true,
          content: {
            'application/xml': { schema: {} },
            'application/json; charset=utf-8': { schema: { $ref: '#/components/schemas/Pet' } },
          },
        },
      },
      schemas: {
        Pet: {
          type: 'object',
          properties: {
            name: { type: 'string', nullable: true },
            weight: { type: 'number', minimum: 0, exclusiveMinimum: true },
          },
        },
      },
    },
  },
  /** Ids with `/`, shared parameters, paging, a body that may be text. */
  codeHost: {
    openapi: '3.0.3',
    servers: [{ url: 'https://api.code.example' }],
    paths: {
      '/repos/{owner}/{repo}/issues': {
        get: {
          operationId: 'issues/list-for-repo',
          tags: ['issues'],
          parameters: [
            { $ref: '#/components/parameters/owner' },
            { $ref: '#/components/parameters/repo' },
            { name: 'labels', in: 'query', schema: { type: 'string' } },
            { name: 'per_page', in: 'query', schema: { type: 'integer', default: 30 } },
          ],
        },
        post: {
          operationId: 'issues/create',
          parameters: [
            { $ref: '#/components/parameters/owner' },
            { $ref: '#/components/parameters/repo' },
          ],
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  required: ['title'],
                  properties: { title: { oneOf: [{ type: 'string' }, { type: 'integer' }] } },
                },
              },
            },
          },
        },
      },
      '/markdown/raw': {
        post: {
          operationId: 'markdown/render-raw',
          requestBody: { content: { 'text/plain': { schema: { type: 'string' } } } },
        },
      },
    },
    components: {
      parameters: {
        owner: { name: 'owner', in: 'path', required: true, schema: { type: 'string' } },
        repo: { name: 'repo', in: 'path', required: true, schema: { type: 'string' } },
      },
    },
  },
  /** Form bodies with `deepObject`, `anyOf` of a text and an object, Basic or Bearer. */
  payments: {
    openapi: '3.0.0',
    servers: [{ url: 'https://api.pay.example/' }],
    security: [{ basicAuth: [] }, { bearerAuth: [] }],
    paths: {
      '/v1/charges': {
        get: {
          operationId: 'GetCharges',
          parameters: [
            {
              name: 'created',
              in: 'query',
              style: 'deepObject',
              explode: true,
              schema: {
                anyOf: [
                  { type: 'object', properties: { gte: { type: 'integer' } } },
                  { type: 'integer' },
                ],
              },
            },
            {
              name: 'expand',
              in: 'query',
              style: 'deepObject',
              explode: true,
              schema: { type: 'array', items: { type: 'string' } },
            },
          ],
          requestBody: {
            content: {
              'application/x-www-form-urlencoded': {
                encoding: {},
                schema: { type: 'object', properties: {} },
              },
            },
            required: false,
          },
        },
        post: {
          operationId: 'PostCharges',
          requestBody: {
            content: {
              'application/x-www-form-urlencoded': {
                encoding: {
                  metadata: { style: 'deepObject', explode: true },
                  items: { style: 'deepObject', explode: true },
                },
                schema: {
                  type: 'object',
                  properties: {
                    amount: { type: 'integer' },
                    metadata: { type: 'object', additionalProperties: { type: 'string' } },
                    items: {
                      type: 'array',
                      items: { type: 'object', properties: { price: { type: 'string' } } },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
    components: {
      securitySchemes: {
        basicAuth: { type: 'http', scheme: 'basic' },
        bearerAuth: { type: 'http', scheme: 'bearer' },
      },
    },
  },
  /** Swagger 2.0: methods as paths with dots, the token as a form or query parameter. */
  chat: {
    swagger: '2.0',
    host: 'chat.example.com',
    basePath: '/api',
    schemes: ['https'],
    consumes: ['application/json'],
    securityDefinitions: {
      chatAuth: {
        type: 'oauth2',
        flow: 'accessCode',
        authorizationUrl: 'https://a.example',
        tokenUrl: 'https://b.example',
        scopes: {},
      },
    },
    paths: {
      '/chat.postMessage': {
        post: {
          operationId: 'chat_postMessage',
          consumes: ['application/x-www-form-urlencoded', 'application/json'],
          parameters: [
            { name: 'token', in: 'header', type: 'string', required: true },
            { name: 'channel', in: 'formData', type: 'string', required: true },
            { name: 'unfurl_links', in: 'formData', type: 'boolean' },
          ],
          security: [{ chatAuth: ['chat:write'] }],
        },
      },
    },
  },
  /** Swagger 2.0: ids of many words, `apis` without a host, a patch of its own type, definitions with dots. */
  cluster: {
    swagger: '2.0',
    security: [{ BearerToken: [] }],
    securityDefinitions: { BearerToken: { type: 'apiKey', in: 'header', name: 'authorization' } },
    paths: {
      '/api/v1/namespaces/{namespace}/pods/{name}': {
        parameters: [
          { name: 'namespace', in: 'path', required: true, type: 'string', uniqueItems: true },
          { name: 'name', in: 'path', required: true, type: 'string', uniqueItems: true },
        ],
        patch: {
          operationId: 'patchCoreV1NamespacedPod',
          consumes: ['application/json-patch+json', 'application/merge-patch+json'],
          parameters: [
            {
              name: 'body',
              in: 'body',
              required: true,
              schema: { $ref: '#/definitions/io.meta.v1.Patch' },
            },
          ],
        },
      },
    },
    definitions: { 'io.meta.v1.Patch': { description: 'A patch.', type: 'object' } },
  },
  /** 3.0: capitals in forms, `.json` in paths, a server on each path. */
  telephony: {
    openapi: '3.0.1',
    paths: {
      '/2010-04-01/Accounts/{AccountSid}/Messages.json': {
        servers: [{ url: 'https://api.phone.example' }],
        post: {
          operationId: 'CreateMessage',
          parameters: [
            {
              name: 'AccountSid',
              in: 'path',
              required: true,
              schema: { type: 'string', pattern: '^AC[0-9a-f]{4}$' },
            },
          ],
          requestBody: {
            content: {
              'application/x-www-form-urlencoded': {
                schema: {
                  type: 'object',
                  required: ['To'],
                  properties: {
                    To: { type: 'string' },
                    MediaUrl: { type: 'array', items: { type: 'string', format: 'uri' } },
                    ShortenUrls: { type: 'boolean' },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
  /** 3.1: `anyOf` with null, a discriminator, lists of types. */
  models: {
    openapi: '3.1.0',
    servers: [{ url: 'https://api.models.example/v1' }],
    security: [{ ApiKeyAuth: [] }],
    paths: {
      '/chat/completions': {
        post: {
          operationId: 'createChatCompletion',
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Request' } } },
          },
        },
      },
      '/files': {
        post: {
          operationId: 'createFile',
          requestBody: { required: true, content: { 'multipart/form-data': { schema: {} } } },
        },
      },
    },
    components: {
      securitySchemes: { ApiKeyAuth: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Request: {
          allOf: [
            { $ref: '#/components/schemas/Shared' },
            {
              type: 'object',
              required: ['messages'],
              properties: {
                messages: {
                  type: 'array',
                  minItems: 1,
                  items: { $ref: '#/components/schemas/Message' },
                },
              },
            },
          ],
        },
        Shared: {
          type: 'object',
          properties: {
            temperature: { anyOf: [{ type: 'number', minimum: 0, maximum: 2 }, { type: 'null' }] },
            stop: { type: ['string', 'null'] },
          },
        },
        Message: {
          oneOf: [{ $ref: '#/components/schemas/User' }, { $ref: '#/components/schemas/System' }],
          discriminator: { propertyName: 'role' },
        },
        User: {
          type: 'object',
          required: ['role'],
          properties: { role: { const: 'user' }, content: { type: 'string' } },
        },
        System: {
          type: 'object',
          required: ['role'],
          properties: { role: { const: 'system' }, content: { type: 'string' } },
        },
      },
    },
  },
  /** Converted from a discovery document: `{+name}`, a verb after a colon, names such as `$.xgafv`. */
  discovery: {
    openapi: '3.0.0',
    servers: [{ url: 'https://things.apis.example/' }],
    paths: {
      '/v1/{+name}:cancel': {
        parameters: [{ $ref: '#/components/parameters/_.xgafv' }],
        post: {
          operationId: 'things.operations.cancel',
          parameters: [{ name: 'name', in: 'path', required: true, schema: { type: 'string' } }],
        },
      },
    },
    components: {
      parameters: {
        '_.xgafv': { name: '$.xgafv', in: 'query', schema: { type: 'string', enum: ['1', '2'] } },
      },
    },
  },
  /** 3.0: conditional headers, fields as lists, 204 answers. */
  storage: {
    openapi: '3.0.2',
    servers: [{ url: 'https://api.storage.example/2.0' }],
    paths: {
      '/files/{file_id}': {
        delete: {
          operationId: 'delete_files_id',
          parameters: [
            { name: 'file_id', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'if-match', in: 'header', schema: { type: 'string' } },
          ],
        },
      },
      '/folders/{folder_id}/items': {
        get: {
          operationId: 'get_folders_id_items',
          parameters: [
            { name: 'folder_id', in: 'path', required: true, schema: { type: 'string' } },
            {
              name: 'fields',
              in: 'query',
              explode: false,
              schema: { type: 'array', items: { type: 'string' } },
            },
          ],
        },
      },
    },
  },
  /** 3.0: unions of actions, a server with variables, a path item by reference. */
  droplets: {
    openapi: '3.0.0',
    servers: [
      {
        url: 'https://{region}.cloud.example/{base}',
        variables: { region: { default: 'api' }, base: { default: 'v2' } },
      },
    ],
    paths: { '/droplets/{id}/actions': { $ref: '#/components/pathItems/actions' } },
    components: {
      pathItems: {
        actions: {
          post: {
            operationId: 'dropletActions_post',
            parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
            requestBody: {
              content: {
                'application/json': {
                  schema: {
                    anyOf: [
                      {
                        type: 'object',
                        required: ['type'],
                        properties: { type: { enum: ['reboot'] } },
                      },
                      {
                        type: 'object',
                        required: ['size'],
                        properties: { size: { type: 'string' } },
                      },
                    ],
                  },
                },
              },
            },
          },
        },
      },
    },
  },
  /** 3.2: another method, a media type by reference. */
  newest: {
    openapi: '3.2.0',
    servers: [{ url: 'https://new.example' }],
    paths: {
      '/search': {
        additionalOperations: {
          COPY: {
            operationId: 'copySearch',
            parameters: [
              {
                name: 'a',
                in: 'query',
                content: { 'application/json': { schema: { type: 'object' } } },
              },
            ],
          },
        },
        get: {
          operationId: 'searchAll',
          parameters: [{ name: 'all', in: 'querystring', content: {} }],
        },
      },
    },
  },
} as const;
