import type { Model, ModelPart, ModelRequest, Usage } from '@throughline/core';
import type { Client } from './client.ts';
import { toConnection } from './http/connection.ts';
import type { Connection } from './http/connection.ts';
import type { ModelInfo, ModelsOptions } from './models.ts';
import { checkPlace } from './options/capabilities.ts';
import { withoutKey } from './options/check.ts';
import type { AnyfastOptions } from './options/options.ts';
import { costUsd } from './options/pricing.ts';
import { toDecodeSettings, toEncodeSettings } from './options/settings.ts';
import type { DecodeSettings, EncodeSettings } from './options/settings.ts';

/**
 * A model at the Anyfast endpoint, e.g. `anyfast('kimi-k2.6')`. Nothing is sent before an answer is iterated.
 * Throws at once: `missing_api_key` where neither an option nor the environment has a key and the base URL is
 * not on this machine; `invalid_option` for an option that is unknown or out of range.
 *
 * Its `stream` throws a `ModelError`, or the signal's reason as soon as it aborts. Until the first part of an
 * answer it asks again by itself, with the very same bytes, where that may help; after it, never. However an
 * answer ends, no timer, listener or socket of it is left.
 */
export function anyfast(model: string, options: AnyfastOptions = {}): Model {
  return new AnyfastModel(model, options);
}

/** The models that the key may use; see `ModelInfo`. Takes the options that reach the endpoint, and a signal. */
anyfast.models = async (options?: ModelsOptions): Promise<readonly ModelInfo[]> => {
  const { listModels } = await import('./models.ts');
  return listModels(options);
};

/** The bytes that a model with these options sends for a request, e.g. for one that `requestOf` of core rebuilt from a log. */
anyfast.body = async (
  model: string,
  request: ModelRequest,
  options?: AnyfastOptions,
): Promise<Uint8Array> => {
  const { requestBody } = await import('./body.ts');
  return requestBody(model, request, options);
};

/** The door: options are checked here, and what asks the endpoint is loaded with the first question. */
class AnyfastModel implements Model {
  readonly id: string;
  readonly #settings: EncodeSettings;
  readonly #connection: Connection;
  readonly #decoding: DecodeSettings;
  #client: Client | undefined;

  constructor(model: string, options: AnyfastOptions) {
    const checked = withoutKey((options as AnyfastOptions | undefined)?.apiKey, () => {
      const settings = toEncodeSettings(model, options);
      const decoding = toDecodeSettings(model, options);
      const connection = toConnection(model, options);
      checkPlace(options.capabilities, connection.baseURL);
      return { settings, decoding, connection };
    });
    this.#settings = checked.settings;
    this.#decoding = checked.decoding;
    this.#connection = checked.connection;
    this.id = model;
  }

  costOf(usage: Usage): number | undefined {
    const { prices } = this.#decoding;
    return prices && costUsd(usage, prices);
  }

  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<readonly ModelPart[]> {
    // Copied now, because the list may grow afterwards; asked when it is iterated.
    const asked = { ...request, messages: request.messages.slice() };
    if (this.#client !== undefined) return this.#client.stream(asked, signal);
    return late(async () => (await this.#load()).stream(asked, signal));
  }

  async #load(): Promise<Client> {
    const { Client } = await import('./client.ts');
    // Two first questions may load at the same time, and share what is remembered.
    this.#client ??= new Client(this.#connection, this.#settings, this.#decoding);
    return this.#client;
  }
}

/** An iteration over what must be loaded first. One that is left before it begins loads and sends nothing. */
function late<T>(load: () => Promise<AsyncIterable<T>>): AsyncIterable<T> {
  let begun: Promise<AsyncIterator<T>> | undefined;
  const begin = () => load().then((values) => values[Symbol.asyncIterator]());
  const end = async (): Promise<IteratorResult<T>> => ({ done: true, value: undefined });
  const iterator: AsyncIterator<T> = {
    next: async () => (await (begun ??= begin())).next(),
    return: async () => {
      begun ??= Promise.resolve({ next: end });
      return (await begun).return?.() ?? end();
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
