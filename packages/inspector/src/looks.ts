import type { SessionLine } from '@throughline/core';
import type { Catalog } from './catalog.ts';
import { sendFile, sendJson, wanted, wantedNumber } from './http-answer.ts';
import type { Answers, Exchange } from './http-answer.ts';
import { compareRequests, requestBytes } from './request-of-step.ts';
import type { AskedStep, BodyOf } from './request-of-step.ts';
import { search } from './search.ts';
import type { RowsAnswer } from './shown.ts';

/** So many rows travel at once. */
const mostRows = 500;
/** So many characters of one text travel when a line is opened; the whole can be downloaded. */
const mostOfText = 200_000;

/** The requests that only read, by the last word of their path. */
export function looks(catalog: Catalog, body: BodyOf | undefined): Answers {
  const stepOf = (exchange: Exchange): AskedStep => ({
    session: wanted(exchange, 'id'),
    runId: wanted(exchange, 'run'),
    step: wantedNumber(exchange, 'step'),
    body,
  });
  return {
    async sessions({ outgoing, url, signal }) {
      const words = url.searchParams.get('q')?.trim() ?? '';
      sendJson(
        outgoing,
        words === '' ? await catalog.list() : await search(catalog, words, signal),
      );
    },
    async session(exchange) {
      sendJson(exchange.outgoing, await catalog.summary(wanted(exchange, 'id')));
    },
    async rows(exchange) {
      const { rows } = (await catalog.timeline(wanted(exchange, 'id'))).fold;
      const from = Math.min(wantedNumber(exchange, 'from'), rows.length);
      const count = Math.min(wantedNumber(exchange, 'count'), mostRows);
      const answer: RowsAnswer = { from, total: rows.length, rows: rows.slice(from, from + count) };
      sendJson(exchange.outgoing, answer);
    },
    /** Which row shows a line, for a hit of the search. */
    async row(exchange) {
      const { rowOfLine } = (await catalog.timeline(wanted(exchange, 'id'))).fold;
      sendJson(exchange.outgoing, { at: rowOfLine[wantedNumber(exchange, 'seq')] ?? 0 });
    },
    async line(exchange) {
      const reading = await catalog.timeline(wanted(exchange, 'id'));
      const line = await reading.line(wantedNumber(exchange, 'seq'));
      if (exchange.url.searchParams.get('whole') === null)
        sendJson(exchange.outgoing, capped(line));
      else sendJson(exchange.outgoing, line.event);
    },
    async request(exchange) {
      if (exchange.url.searchParams.get('raw') === null) {
        sendJson(exchange.outgoing, await compareRequests(catalog.source, stepOf(exchange)));
        return;
      }
      const bytes = await requestBytes(catalog.source, stepOf(exchange));
      sendFile(exchange, bytes);
    },
  };
}

/** The event with long texts cut, so that a result of megabytes does not freeze the page. */
function capped({ event }: SessionLine): unknown {
  const text = JSON.stringify(event, (_, value: unknown) =>
    typeof value === 'string' && value.length > mostOfText
      ? `${value.slice(0, mostOfText)}\n… (${value.length - mostOfText} characters more: download the whole)`
      : value,
  );
  return JSON.parse(text) as unknown;
}
