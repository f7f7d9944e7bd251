import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '@throughline/core';
import type { Catalog } from './catalog.ts';
import { head, wanted } from './http-answer.ts';
import type { Exchange } from './http-answer.ts';
import type { LiveRuns } from './live-runs.ts';
import type { Row, RowsChange, Summary } from './shown.ts';
import { forPage } from './step-so-far.ts';

/** Live events are told together, about as often as a screen is drawn three times. */
const tellEveryMs = 50;
/** The file is looked at every so many times, for what another process has stored: each 300 ms. */
const looksEvery = 6;
/** The state of the session is asked for every so many times, also where nothing was stored: each 1.5 s. */
const factsEvery = 30;
/** After these something is in the file. */
const storing: readonly RunEvent['type'][] = ['answer', 'call.end', 'run.end'];
/** More changed rows than this are not told one by one. */
const mostChanged = 300;
/** A page that takes nothing is told nothing more; it comes back by itself. */
const mostUnread = 4_000_000;

/**
 * Follows one session for one page, as server-sent events: `rows` for what was stored, whichever process stored it; `live` for what a
 * run of this process tells meanwhile. The first `live` holds what the step under way has told before.
 */
export async function follow(
  exchange: Exchange,
  { catalog, live }: { catalog: Catalog; live: LiveRuns },
): Promise<void> {
  const { outgoing, signal } = exchange;
  const id = wanted(exchange, 'id');
  const known = new KnownRows((await catalog.timeline(id)).fold.rows);
  head(outgoing, 200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'x-accel-buffering': 'no',
  });
  const tell = (type: string, data: unknown) => {
    if (outgoing.writableLength > mostUnread) outgoing.destroy();
    else outgoing.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  let before = '';
  const look = async (isDue: boolean) => {
    const { rows } = (await catalog.timeline(id)).fold;
    const changed = known.changedIn(rows);
    if (changed.length === 0 && !isDue) return;
    const summary = await catalog.summary(id);
    const facts = JSON.stringify(summary);
    if (changed.length === 0 && facts === before) return;
    before = facts;
    tell('rows', changeOf(rows, changed, summary));
  };
  let unsent: RunEvent[] = live.under(id)?.soFar.events.slice() ?? [];
  let isOver = false;
  const stop = live.listen((about, event) => {
    if (about !== id) return;
    if (event === undefined) isOver = true;
    else if (isShown(event)) unsent.push(forPage(event));
  });
  try {
    for (let at = 0; !signal.aborted; at++) {
      const events = joined(unsent);
      const wasOver = isOver;
      unsent = [];
      isOver = false;
      const isStored = events.some(({ type }) => storing.includes(type));
      // What was stored is told first: the page drops what it showed of it live. Whether another process has it open is asked seldom.
      if (wasOver || isStored || at % looksEvery === 0)
        await look(wasOver || at % factsEvery === 0);
      if (events.length > 0) tell('live', events);
      await sleep(tellEveryMs, undefined, { signal, ref: false }).catch(() => {}); // left: the loop ends
    }
  } catch (error) {
    tell('problem', { message: error instanceof Error ? error.message : String(error) });
  } finally {
    stop();
    outgoing.end();
  }
}

/** Of an agent inside a call the page tells what it does, and not what it writes. */
function isShown(event: RunEvent): boolean {
  return event.type !== 'call.event' || (!('delta' in event.event) && isShown(event.event));
}

function changeOf(rows: readonly Row[], changed: readonly number[], summary: Summary): RowsChange {
  const about = { total: rows.length, summary };
  if (changed.length > mostChanged) return { ...about, changed: [], reload: true };
  return {
    ...about,
    changed: changed.flatMap((at) => (rows[at] === undefined ? [] : [[at, rows[at]] as const])),
  };
}

/** Which rows a page has been told of. Rows are replaced, never changed, so it is enough to compare them. */
class KnownRows {
  #rows: Row[];

  constructor(rows: readonly Row[]) {
    this.#rows = [...rows];
  }

  changedIn(rows: readonly Row[]): readonly number[] {
    const changed: number[] = [];
    for (const [at, row] of rows.entries()) if (this.#rows[at] !== row) changed.push(at);
    if (changed.length > 0) this.#rows = [...rows];
    return changed;
  }
}

/** Deltas of one stream that come together become one, and of a call's progress the last is told: the page would show no more. */
function joined(events: readonly RunEvent[]): readonly RunEvent[] {
  const list: RunEvent[] = [];
  const progress = new Map<string, number>();
  for (const event of events) {
    const last = list.at(-1);
    if (
      last !== undefined &&
      'delta' in last &&
      'delta' in event &&
      streamOf(last) === streamOf(event)
    ) {
      list[list.length - 1] = { ...last, delta: last.delta + event.delta };
      continue;
    }
    const known = event.type === 'call.progress' ? progress.get(streamOf(event)) : undefined;
    if (known !== undefined) {
      list[known] = event;
      continue;
    }
    if (event.type === 'call.progress') progress.set(streamOf(event), list.length);
    list.push(event);
  }
  return list;
}

function streamOf(event: RunEvent): string {
  return [
    event.type,
    event.runId,
    'step' in event ? event.step : '',
    'call' in event ? event.call : '',
  ].join(' ');
}
