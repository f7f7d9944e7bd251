import type { Model, ModelPart, ModelRequest } from '@throughline/core';
import type { Asker } from './asker.ts';
import { closable } from './closable.ts';
import { toConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import type { EncodeSettings } from './encode.ts';
import type { ModelInfo, ModelsOptions } from './models.ts';
import type { AnyfastOptions } from './options.ts';
import type { Prices } from './pricing.ts';
import { toEncodeSettings, toPrices } from './settings.ts';

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

/** The door: options are checked here, and what asks the endpoint is loaded with the first question. */
class AnyfastModel implements Model {
  readonly id: string;
  readonly #settings: EncodeSettings;
  readonly #connection: Connection;
  readonly #prices: Prices | undefined;
  #asker: Asker | undefined;

  constructor(model: string, options: AnyfastOptions) {
    this.#settings = toEncodeSettings(model, options);
    this.#prices = toPrices(model, options.prices);
    this.#connection = toConnection(model, options);
    this.id = model;
  }

  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<readonly ModelPart[]> {
    // Copied now, because the list may grow afterwards; asked when it is iterated.
    const asked = { ...request, messages: request.messages.slice() };
    return closable((inner) => {
      if (this.#asker !== undefined) return this.#asker.parts(asked, inner);
      return this.#load().then((asker) => asker.parts(asked, inner));
    }, signal);
  }

  async #load(): Promise<Asker> {
    const { Asker } = await import('./asker.ts');
    // Two first questions may load at the same time, and share what is remembered.
    this.#asker ??= new Asker(this.#connection, this.#settings, this.#prices);
    return this.#asker;
  }
}
