import type { Run, RunEvent } from '@throughline/core';
import type { LiveRun } from './shown.ts';
import type { CallTimes, LiveFacts } from './timeline.ts';
import { WatchedRun } from './watched-run.ts';
import type { WatchOptions } from './watched-run.ts';

/** So many ended runs are remembered for what only they told: times of calls, retries, warnings. */
const mostEnded = 50;

/** Is told each event of a watched run, with the id that the run is listed under; undefined when the run is over. */
export type LiveListener = (id: string, event: RunEvent | undefined) => void;

/** The runs of this process that the host has shown to the inspector. */
export class LiveRuns implements LiveFacts {
  readonly #runs = new Map<string, WatchedRun>();
  readonly #listeners = new Set<LiveListener>();

  watch(run: Run<unknown>, options: WatchOptions): WatchedRun {
    const watched: WatchedRun = new WatchedRun(run, options, (event) => {
      for (const listener of this.#listeners) listener(watched.id, event);
    });
    // A resumed run keeps its id, and what it told before stays shown.
    const before = this.#runs.get(run.id);
    watched.notes.push(...(before?.notes ?? []));
    for (const [place, times] of before?.times ?? []) watched.times.set(place, times);
    this.#runs.set(run.id, watched);
    const ended = [...this.#runs.values()].filter(({ ended }) => ended);
    for (const old of ended.slice(0, -mostEnded)) this.#runs.delete(old.run.id);
    return watched;
  }

  /** Calls `listener` for all that watched runs tell, until the result is called. */
  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The run under way that is listed under this id. */
  under(id: string): WatchedRun | undefined {
    return [...this.#runs.values()].findLast((run) => run.id === id && !run.ended);
  }

  told(id: string): LiveRun | undefined {
    const watched = this.under(id);
    return watched === undefined ? undefined : { runId: watched.run.id, decides: watched.decides };
  }

  /** The runs that no session records, under way or over. */
  get withoutSession(): readonly WatchedRun[] {
    return [...this.#runs.values()].filter(({ session }) => session === undefined);
  }

  notes(runId: string) {
    return this.#runs.get(runId)?.notes ?? [];
  }

  times(place: string): CallTimes | undefined {
    const [runId = ''] = place.split(/[ /]/, 1);
    return this.#runs.get(runId)?.times.get(place);
  }
}
