import type { ModelRequest } from '@throughline/core';
import { Encoder } from './encode/encode.ts';
import { withoutKey } from './options/check.ts';
import type { AnyfastOptions } from './options/options.ts';
import { toEncodeSettings } from './options/settings.ts';

/**
 * The bytes that `anyfast(model, options)` sends for a request, if the endpoint takes it as it is. Throws as `anyfast()` and its
 * `stream` do for what cannot be sent. No key is needed, since none is in a body.
 */
export async function requestBody(
  model: string,
  request: ModelRequest,
  options: AnyfastOptions = {},
): Promise<Uint8Array> {
  const settings = withoutKey(options.apiKey, () => toEncodeSettings(model, options));
  const encoder = new Encoder(settings);
  await encoder.prepare(request);
  return encoder.encode(request).body;
}
