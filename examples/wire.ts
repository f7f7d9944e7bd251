import { anyfast } from '@throughline/anyfast';
import type { AnyfastOptions } from '@throughline/anyfast';
import type { Model } from '@throughline/core';

// #region wire
/** Kimi K2.6; `tell` gets each request and each response as it went over the wire, without the key. */
export function watchedModel(tell: (line: string) => void, options: AnyfastOptions = {}): Model {
  return anyfast('kimi-k2.6', {
    ...options,
    onRequest: ({ attempt, url, body }) => tell(`sent to ${url}, attempt ${attempt}: ${body}`),
    onResponse: ({ status, durationMs, body }) =>
      tell(`${status} in ${Math.round(durationMs)} ms: ${body}`),
  });
}
// #endregion
