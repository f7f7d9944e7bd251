/** What `GET /v1/models` answers at Anyfast: the models the key may use. */
export function listModels(model: string): object {
  return { object: 'list', data: [describe(model)] };
}

/** What `GET /v1/models/{id}` answers. An unknown model is an error with status 200. */
export function showModel(model: string, path: string): object {
  const asked = decodeURIComponent(path.slice('/v1/models/'.length));
  if (asked === model) return describe(model);
  return {
    error: {
      message: `The model '${asked}' does not exist`,
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    },
  };
}

function describe(model: string): object {
  return {
    id: model,
    object: 'model',
    created: 1_626_777_600,
    owned_by: 'custom',
    supported_endpoint_types: ['openai', 'anthropic'],
  };
}
