import { cassetteBytes } from './cassette.ts';
import type { CassetteOf } from './cassette.ts';
import type { Catalog } from './catalog.ts';
import { exportSession } from './export.ts';
import { sendFile, wanted } from './http-answer.ts';
import type { Answers } from './http-answer.ts';

/** The files that are made of a session, by the last word of their path. */
export function downloads(catalog: Catalog, make: CassetteOf | undefined): Answers {
  return {
    async export(exchange) {
      sendFile(exchange, await exportSession(catalog, wanted(exchange, 'id')));
    },
    async cassette(exchange) {
      const order = {
        id: wanted(exchange, 'id'),
        runId: exchange.url.searchParams.get('run'),
        make,
      };
      sendFile(exchange, await cassetteBytes(catalog.source, order));
    },
  };
}
