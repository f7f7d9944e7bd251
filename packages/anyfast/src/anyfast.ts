import type { Message, Model, ModelPart, ModelRequest, ToolCall } from '@throughline/core';
import { Answer } from './answer.ts';
import { closable } from './closable.ts';
import { toConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import type { DecodeScope } from './decode.ts';
import { Encoder } from './encode.ts';
import type { Encoded } from './encode.ts';
import { send } from './http.ts';
import { listModels } from './models.ts';
import type { AnyfastOptions } from './options.ts';
import type { Prices } from './pricing.ts';
import { askAgain } from './retry.ts';
import { toEncodeSettings, toPrices } from './settings.ts';
import { isStructural, missesReasoning, strictHistory } from './strict-history.ts';

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
anyfast.models = listModels;

/** An answer whose first parts have come. Whoever holds it must close it. */
interface Opened {
  readonly answer: Answer;
  readonly first: readonly ModelPart[];
}

class AnyfastModel implements Model {
  readonly id: string;
  readonly #connection: Connection;
  readonly #encoder: Encoder;
  readonly #prices: Prices | undefined;
  #worked = false;

  constructor(model: string, options: AnyfastOptions) {
    this.#encoder = new Encoder(toEncodeSettings(model, options));
    this.#prices = toPrices(model, options.prices);
    this.#connection = toConnection(model, options);
    this.id = model;
  }

  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<readonly ModelPart[]> {
    // Written now, because the arrays may grow afterwards; asked when it is iterated.
    const encoded = this.#encoder.encode(request);
    const asked = { ...request, messages: request.messages.slice() };
    return closable((inner) => this.#parts(asked, encoded, inner), signal);
  }

  async *#parts(
    request: ModelRequest,
    encoded: Encoded,
    signal: AbortSignal,
  ): AsyncGenerator<readonly ModelPart[], void> {
    const { answer, first } = await this.#open(request, encoded, signal);
    this.#worked = true;
    try {
      yield first;
      for (let parts = await answer.next(); parts !== undefined; parts = await answer.next()) {
        if (parts.length > 0) yield parts;
      }
    } finally {
      answer.close();
    }
  }

  /** Asks; where the endpoint refuses the history and it can be mended, once more with a mended one. */
  async #open(request: ModelRequest, encoded: Encoded, signal: AbortSignal): Promise<Opened> {
    try {
      return await this.#askAgain(request, encoded, signal);
    } catch (error) {
      const mended = this.#mended(error, request);
      if (mended === undefined) throw error;
      const warnings = [...encoded.warnings, ...mended.warnings];
      return this.#askAgain(request, { ...mended, warnings }, signal);
    }
  }

  #mended(error: unknown, request: ModelRequest): Encoded | undefined {
    if (missesReasoning(error)) {
      const elsewhere = request.messages.some(speaksElsewhere);
      if (!elsewhere || !this.#encoder.useOneReasoningKey()) return undefined;
      const told = 'From now on reasoning is sent as reasoning_content: the endpoint asked for it.';
      return { ...this.#encoder.encode(request), warnings: [told] };
    }
    const messages = isStructural(error) ? strictHistory(request.messages) : undefined;
    if (messages === undefined) return undefined;
    const told =
      'The endpoint refused the history; a mended one was sent, with a result for every call.';
    return { ...this.#encoder.encode({ ...request, messages }), warnings: [told] };
  }

  #askAgain(request: ModelRequest, encoded: Encoded, signal: AbortSignal): Promise<Opened> {
    const scope = this.#scopeOf(encoded, request.messages);
    const asking = { policy: this.#connection.retry, signal, hasWorked: () => this.#worked };
    return askAgain(asking, (attempt) => this.#ask({ ...encoded, attempt }, scope, signal));
  }

  /** One attempt, up to the first part: a status, a keep-alive or a role is none. */
  async #ask(
    { body, attempt, warnings }: Encoded & { readonly attempt: number },
    scope: DecodeScope,
    signal: AbortSignal,
  ): Promise<Opened> {
    const { endpoint } = this.#connection;
    const asked = { method: 'POST', path: '/chat/completions', body, attempt } as const;
    const answer = new Answer(await send(endpoint, asked, signal), scope, endpoint, signal);
    try {
      let first = await answer.next();
      while (first?.length === 0) first = await answer.next();
      const told = warnings.map((message) => ({ type: 'warning', message }) as const);
      return { answer, first: [...told, ...(first ?? [])] };
    } catch (error) {
      answer.close();
      throw error;
    }
  }

  #scopeOf({ tools, callsAllowed }: Encoded, messages: readonly Message[]): DecodeScope {
    return {
      toolNames: tools.wireNames,
      callsAllowed,
      prices: this.#prices,
      redact: this.#connection.endpoint.redact,
      toOwn: (wire) => this.#encoder.names.toOwn(wire),
      isTaken: (id) => messages.some((message) => callsOf(message).some((call) => call.id === id)),
      callCount: () => messages.reduce((sum, message) => sum + callsOf(message).length, 0),
    };
  }
}

/** Its reasoning stands only under the key that some hosts speak it under. */
function speaksElsewhere(message: Message): boolean {
  return message.role === 'assistant' && !message.reasoning_content && !!message.reasoning;
}

function callsOf(message: Message): readonly ToolCall[] {
  return (message.role === 'assistant' ? message.tool_calls : undefined) ?? none;
}

const none: readonly ToolCall[] = [];
