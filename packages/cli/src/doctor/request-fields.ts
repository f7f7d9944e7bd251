import type { EndpointUse } from '@throughline/anyfast';
import type { Endpoint, Reply } from './endpoint-client.ts';

/** What a question wants of thinking and streaming. */
export interface Manner {
  readonly thinks: boolean;
  readonly streams: boolean;
}

/** The fields of a request in a manner, as far as the endpoint is known to take them. */
export function fieldsOf(use: EndpointUse, { thinks, streams }: Manner): object {
  const { omit = [], stream = true, thinking = { type: 'enabled', keep: 'all' } } = use;
  return {
    ...(omit.includes('thinking') ? {} : { thinking: thinks ? thinking : { type: 'disabled' } }),
    stream: streams && stream,
    ...(streams && stream && !omit.includes('stream_options')
      ? { stream_options: { include_usage: true } }
      : {}),
  };
}

/** A question with its manner, for an endpoint that may refuse a field of it. */
export interface Question extends Manner {
  /** What is known of the endpoint already. */
  readonly use: EndpointUse;
  readonly body: object;
}

/**
 * Asks; where the request is refused, asks again in each of the narrower ways until one is taken. Gives the reply that was taken with the way
 * it took, else the first refusal.
 */
export async function askNarrowing(
  endpoint: Endpoint,
  { use, body, ...manner }: Question,
  ways: readonly EndpointUse[],
): Promise<{ readonly reply: Reply; readonly way?: EndpointUse }> {
  const asking = (way: EndpointUse) =>
    endpoint.chat({ ...body, ...fieldsOf(joinedUse(use, way), manner) });
  const first = await asking({});
  if (!isRefused(first)) return { reply: first };
  for (const way of ways) {
    const reply = await asking(way);
    if (reply.status === 200) return { reply, way };
  }
  return { reply: first };
}

/** The endpoint does not take the request as it is; it would refuse it tomorrow, too. */
export function isRefused({ status }: Reply): boolean {
  return status === 400 || status === 404 || status === 415 || status === 422;
}

/** What was known and what was found. */
export function joinedUse(known: EndpointUse, found: EndpointUse = {}): EndpointUse {
  const omit = [...new Set([...(known.omit ?? []), ...(found.omit ?? [])])];
  return { ...known, ...found, ...(omit.length === 0 ? {} : { omit }) };
}
