import { oneLine } from '../wire/foreign-text.ts';
import type { Incoming, StopSignal } from '../wire/exchange.ts';

/** An error page longer than this says nothing more. */
const longestPage = 256 * 1024;
/** Once the status is known, its page is worth no longer wait. */
const pageMs = 5000;

/** The body of a response with a bad status, as far as it comes soon; closes it. Rejects with the signal's reason. */
export async function readErrorBody(incoming: Incoming, signal: StopSignal): Promise<string> {
  let page = '';
  const untilMs = performance.now() + pageMs;
  incoming.heardData();
  incoming.hasten(pageMs);
  try {
    for (let text = await incoming.next(); text !== undefined; text = await incoming.next()) {
      page += text;
      if (page.length > longestPage || performance.now() > untilMs) break;
    }
  } catch (error) {
    // A page that breaks off has still told its status, unless the caller no longer wants to know.
    if (signal.aborted) throw error;
  } finally {
    incoming.close();
  }
  return page;
}

const requestIdHeaders = [
  'x-oneapi-request-id',
  'x-request-id',
  'msh-request-id',
  'x-msh-trace-id',
  'x-trace-id',
];

/** The endpoint's id of a request, from its headers: the gateway's own first, then the upstream's. */
export function requestIdOf(headers: Headers): string | undefined {
  for (const name of requestIdHeaders) {
    const id = headers.get(name);
    if (id) return oneLine(id, 200);
  }
  return undefined;
}
