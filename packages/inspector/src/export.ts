import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ThroughlineError } from '@throughline/core';
import type { Catalog } from './catalog.ts';
import { loadPage, pageWith } from './page-file.ts';
import type { Exported } from './shown.ts';

/** A single event that is larger is left out, with a word of it: a page with much more than this opens in no browser. */
const mostOfEvent = 2_000_000;
const mostOfAll = 60_000_000;

/** A session as one HTML file, with the page that shows it. It needs no server and asks none. */
export async function exportSession(catalog: Catalog, id: string): Promise<string> {
  const [summary, reading, page] = await Promise.all([
    catalog.summary(id),
    catalog.timeline(id),
    loadPage(),
  ]);
  const lines: Record<string, unknown> = {};
  let size = 0;
  for await (const batch of catalog.source.tail(id)) {
    for (const { seq, event } of batch.lines) {
      const { length } = JSON.stringify(event);
      const fits = length <= mostOfEvent;
      lines[seq] = fits ? event : { type: event.type, leftOut: `${length} characters` };
      size += fits ? length : 0;
      if (size > mostOfAll) {
        throw new ThroughlineError(
          'invalid_input',
          `The session "${id}" holds more than ${mostOfAll / 1e6} MB: too much for one page.`,
        );
      }
    }
  }
  const { live: _, ...rest } = summary;
  const exported: Exported = {
    summary: rest,
    rows: reading.fold.rows,
    lines,
    rowOfLine: reading.fold.rowOfLine,
    exportedAtMs: Date.now(),
  };
  const packed = await promisify(gzip)(JSON.stringify(exported));
  return pageWith(page, packed.toString('base64'));
}
