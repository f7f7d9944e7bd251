import type { Limit } from '../limits/limit.ts';
import type { RunRecord } from './run-record.ts';

/**
 * How much of a run's time is left for a wait that the loop does not see: for a person. Like the loop's own `Deadline` it starts from the
 * recorded start, and within one process it is measured by a monotonic clock.
 */
export class TimeLeft {
  readonly #endMs: number | undefined;

  constructor(limits: readonly Limit[], { known, runId }: Pick<RunRecord, 'known' | 'runId'>) {
    const bounds = limits.flatMap(({ withinMs }) => withinMs ?? []);
    if (bounds.length === 0) return;
    let beforeMs = 0;
    for (const { event } of known) {
      if (event.type !== 'run.start' || event.runId !== runId) continue;
      beforeMs = Math.max(0, Date.now() - event.startedAtMs);
    }
    this.#endMs = performance.now() + Math.min(...bounds) - beforeMs;
  }

  /** Undefined where no limit bounds it. */
  get ms(): number | undefined {
    return this.#endMs === undefined ? undefined : Math.max(0, this.#endMs - performance.now());
  }
}
