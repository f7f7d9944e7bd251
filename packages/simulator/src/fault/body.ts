import { faultList, type Fault } from './fault.ts';

const reasoning =
  'thinking is enabled but reasoning_content is missing in assistant tool call message at index 2';
const json = 'application/json; charset=utf-8';
const html =
  '<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Hello</body></html>\n';

/** Error bodies in other shapes than the two documented, and bodies that are no answer at all. */
export const bodyFaults = faultList([
  error('body-documented', 401, "The documentation's own shape of a wrong key", {
    error: {
      message: 'Invalid API key provided.',
      type: 'authentication_error',
      code: 'invalid_api_key',
    },
  }),
  error('body-message-only', 401, 'An error that is nothing but a message', {
    error: { message: 'No token provided' },
  }),
  error('body-anthropic', 400, 'The error inside the form of another API', {
    error: { type: 'invalid_request_error', message: reasoning },
    type: 'error',
  }),
  error('body-nil-type', 400, 'The type of the error is the text <nil>', {
    error: {
      type: '<nil>',
      message: `${reasoning} (request id: 2026082209153012345678900012345678)`,
    },
    type: 'error',
  }),
  error('body-other-host', 400, 'A body of code, message and data, without error', {
    code: 20015,
    message: reasoning,
    data: null,
  }),
  error('body-error-text', 500, 'The error is a text, not an object', { error: 'internal error' }),
  raw('body-empty', 500, 'A status of 500 without any body', { type: json, text: '' }),
  raw('body-half-json', 500, 'The JSON of the error breaks off', {
    type: json,
    text: '{"error":{"message":"internal er',
  }),
  {
    name: 'html-200',
    kind: 'error',
    source: 'foreign-bodies',
    about: 'Status 200 with an HTML page instead of an answer.',
    fatal: true,
    instead: { type: 'text/html; charset=utf-8', text: html },
  },
  {
    name: 'empty-200',
    kind: 'error',
    source: 'empty-answer',
    about: 'Status 200 with a body of no bytes.',
    fatal: true,
    instead: { type: json, text: '' },
  },
  {
    name: 'error-200',
    kind: 'error',
    source: 'error-as-answer',
    about: 'Status 200 with an error as its JSON body, also where a stream was asked for.',
    fatal: true,
    instead: {
      type: json,
      text: '{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}',
    },
  },
]);

function error<const Name extends string>(
  name: Name,
  status: number,
  about: string,
  body: object,
): Fault<Name> {
  return raw(name, status, about, { type: json, text: JSON.stringify(body) });
}

function raw<const Name extends string>(
  name: Name,
  status: number,
  about: string,
  body: { readonly type: string; readonly text: string },
): Fault<Name> {
  return {
    name,
    kind: 'error',
    source: 'foreign-bodies',
    about: `${about} (${status}).`,
    refuse: () => ({ status, layer: 'upstream', message: body.text, body }),
  };
}
