import { ModelError } from '@throughline/core';
import type { Message, ModelPart, ModelRequest } from '@throughline/core';
import { AnswerReader } from './decode/answer-reader.ts';
import { AnswerScope } from './decode/answer-scope.ts';
import type { DecodeScope } from './decode/decode-scope.ts';
import { Encoder } from './encode/encode.ts';
import type { Encoded } from './encode/encode.ts';
import { closable } from './http/closable.ts';
import type { Source } from './http/closable.ts';
import type { Connection } from './http/connection.ts';
import { send, toEndpoint } from './http/http.ts';
import type { Endpoint } from './http/http.ts';
import { withRetry } from './http/with-retry.ts';
import type { DecodeSettings, EncodeSettings } from './options/settings.ts';
import type { StopSignal } from './wire/exchange.ts';

/** Asks the endpoint, for one model: writes requests, repeats them where that may help, reads answers. */
export class Client {
  readonly #endpoint: Endpoint;
  readonly #encoder: Encoder;
  readonly #decoding: DecodeSettings;
  #worked = false;

  constructor(connection: Connection, settings: EncodeSettings, decoding: DecodeSettings) {
    this.#endpoint = toEndpoint(connection);
    this.#encoder = new Encoder(settings);
    this.#decoding = decoding;
  }

  /** One answer, in batches; asked for when it is iterated. Throws as `anyfast` says. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<readonly ModelPart[]> {
    return closable((stop) => this.#answer(request, stop), signal);
  }

  /** The batches of an answer, once its first parts have come. */
  async #answer(request: ModelRequest, signal: StopSignal): Promise<Source<readonly ModelPart[]>> {
    const { answer, first } = await this.#open(request, signal);
    this.#worked = true;
    let ahead: readonly ModelPart[] | undefined = first;
    return {
      next: async () => {
        const parts = ahead ?? (await answer.next());
        ahead = undefined;
        return parts?.some(isWarning) ? this.#safe(parts) : parts;
      },
      close: () => answer.close(),
    };
  }

  /** A warning may quote the endpoint, which may have written the key in any way. */
  async #safe(parts: readonly ModelPart[]): Promise<readonly ModelPart[]> {
    const { safeWarnings } = await import('./error/safe-warnings.ts');
    return safeWarnings(parts, this.#endpoint);
  }

  /** Asks; where the endpoint refuses the history and it can be mended, once more with a mended one. */
  async #open(request: ModelRequest, signal: StopSignal): Promise<Opened> {
    const preparing = this.#encoder.prepare(request);
    if (preparing !== undefined) await preparing;
    const encoded = this.#encoder.encode(request);
    try {
      return await this.#ask(request, encoded, signal);
    } catch (error) {
      if (!(error instanceof ModelError) || error.status !== 400) throw error;
      const mended = await this.#mended(error, request);
      if (mended === undefined) throw error;
      const warnings = [...encoded.warnings, ...mended.warnings];
      return this.#ask(request, { ...mended, warnings }, signal);
    }
  }

  async #mended(error: ModelError, request: ModelRequest): Promise<Encoded | undefined> {
    const { droppedOnTheWay, isStructural, missesReasoning, strictHistory } =
      await import('./encode/strict-history.ts');
    if (missesReasoning(error)) {
      const elsewhere = request.messages.some(speaksElsewhere);
      if (!elsewhere || !this.#encoder.useOneReasoningKey()) {
        throw droppedOnTheWay(error, request.messages) ?? error;
      }
      const told = 'From now on reasoning is sent as reasoning_content: the endpoint asked for it.';
      return { ...this.#encoder.encode(request), warnings: [told] };
    }
    const messages = isStructural(error) ? strictHistory(request.messages) : undefined;
    if (messages === undefined) return undefined;
    const told =
      'The endpoint refused the history; a mended one was sent, with a result for every call.';
    return { ...this.#encoder.encode({ ...request, messages }), warnings: [told] };
  }

  #ask(request: ModelRequest, encoded: Encoded, signal: StopSignal): Promise<Opened> {
    const scope = new AnswerScope(request.messages, encoded, {
      endpoint: this.#endpoint,
      names: this.#encoder.names,
      settings: this.#decoding,
    });
    const asking = { policy: this.#endpoint.retry, signal, hasWorked: () => this.#worked };
    return withRetry(asking, (attempt) => this.#askOnce(encoded, scope, { attempt, signal }));
  }

  /** One attempt, up to the first part: a status, a keep-alive or a role is none. */
  async #askOnce(
    { body, warnings }: Encoded,
    scope: DecodeScope,
    { attempt, signal }: { readonly attempt: number; readonly signal: StopSignal },
  ): Promise<Opened> {
    const endpoint = this.#endpoint;
    const asked = { method: 'POST', path: '/chat/completions', body, attempt } as const;
    const answer = new AnswerReader(await send(endpoint, asked, signal), scope, endpoint, signal);
    try {
      const first = (await answer.next()) ?? none;
      if (warnings.length === 0) return { answer, first };
      const told = warnings.map((message) => ({ type: 'warning', message }) as const);
      return { answer, first: [...told, ...first] };
    } catch (error) {
      answer.close();
      throw error;
    }
  }
}

/** An answer whose first parts have come. The caller closes it. */
interface Opened {
  readonly answer: AnswerReader;
  readonly first: readonly ModelPart[];
}

const none: readonly ModelPart[] = [];

function isWarning({ type }: ModelPart): boolean {
  return type === 'warning';
}

/** Its reasoning stands only under the key that some hosts speak it under. */
function speaksElsewhere(message: Message): boolean {
  return message.role === 'assistant' && !message.reasoning_content && !!message.reasoning;
}
