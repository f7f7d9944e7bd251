import { checkOptions } from '@throughline/core';
import { isRefusal } from './decode/error-frame.ts';
import { toConnection } from './http/connection.ts';
import { send, toEndpoint, translated } from './http/http.ts';
import type { Endpoint } from './http/http.ts';
import { withRetry } from './http/with-retry.ts';
import { withoutKey } from './options/check.ts';
import { connectionOptions } from './options/options.ts';
import type { ConnectionOptions } from './options/options.ts';
import { isObject, parseObject, textOf } from './wire/json.ts';
import { ResponseProblemError } from './wire/response-problem.ts';

/** A model that a key may use, as `GET /models` tells it. */
export interface ModelInfo {
  readonly id: string;
  readonly ownedBy?: string;
  /** The formats it is served in, e.g. `openai`. */
  readonly endpointTypes: readonly string[];
}

export type ModelsOptions = ConnectionOptions & { readonly signal?: AbortSignal | undefined };

/**
 * The models the key may use. Throws as `anyfast()` does for bad options, and a `ModelError` when the endpoint
 * cannot be asked; on abort, the signal's reason.
 */
export async function listModels(options: ModelsOptions = {}): Promise<readonly ModelInfo[]> {
  const apiKey = (options as ModelsOptions | null)?.apiKey;
  const { signal = new AbortController().signal, connection } = withoutKey(apiKey, () => {
    checkOptions('anyfast.models()', options, { ...connectionOptions, signal: true });
    const { signal, ...reaching } = options;
    return { signal, connection: toConnection('the list of models', reaching) };
  });
  const endpoint = toEndpoint(connection);
  const body = await withRetry(
    { policy: endpoint.retry, signal, hasWorked: () => false },
    (attempt) => get(endpoint, attempt, signal),
  );
  const { data } = body;
  return Array.isArray(data) ? data.flatMap(toModelInfo) : [];
}

async function get(
  endpoint: Endpoint,
  attempt: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const incoming = await send(endpoint, { method: 'GET', path: '/models', attempt }, signal);
  try {
    let text = '';
    for (let more = await incoming.next(); more !== undefined; more = await incoming.next()) {
      incoming.heardData();
      text += more;
    }
    const body = parseObject(text);
    // Some gateways tell an error with status 200 here.
    if (body !== undefined && isRefusal(body))
      throw new ResponseProblemError({ kind: 'error frame', frame: body });
    if (body === undefined || !Array.isArray(body['data'])) {
      throw new ResponseProblemError({ kind: 'unreadable', body: text });
    }
    return body;
  } catch (error) {
    throw await translated(error, endpoint, signal, incoming.headers);
  } finally {
    incoming.close();
  }
}

function toModelInfo(entry: unknown): ModelInfo | [] {
  const id = isObject(entry) ? textOf(entry['id']) : undefined;
  if (!isObject(entry) || id === undefined) return [];
  const ownedBy = textOf(entry['owned_by']);
  const types = entry['supported_endpoint_types'];
  return {
    id,
    ...(ownedBy === undefined ? {} : { ownedBy }),
    endpointTypes: Array.isArray(types) ? types.filter((type) => typeof type === 'string') : [],
  };
}
