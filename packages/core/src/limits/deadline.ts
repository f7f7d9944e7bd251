import { orAborted, TimeUp, within } from '../base/abort.ts';
import type { Recorder } from '../record/recorder.ts';
import type { NestedRun } from '../tool/tool.ts';
import type { Limit } from './limit.ts';

/**
 * How long a run has lasted, and how much of its time is left.
 *
 * The run's end is fixed by its recorded start and its limits, so every process that resumes it agrees on the end. Within
 * one process the time is measured by a monotonic clock: a system clock that is set back or forward changes nothing. Only
 * a process that resumes a run asks the recorder's clock how long the run has lasted already. So the time between two
 * processes counts, and so does the time in which the run waits for a person.
 */
export class Deadline {
  /** The run's time in milliseconds; undefined where no limit bounds it. */
  readonly withinMs: number | undefined;
  readonly #recorder: Recorder;
  readonly #outer: NestedRun | undefined;
  /** Milliseconds since 1970, as recorded. */
  #startedAtMs = 0;
  /** When the run started, on this process's monotonic clock; undefined until it is first asked for. */
  #startedMs: number | undefined;

  constructor(recorder: Recorder, limits: readonly Limit[], outer?: NestedRun) {
    const bounds = limits.flatMap(({ withinMs }) => withinMs ?? []);
    this.withinMs = bounds.length === 0 ? undefined : Math.min(...bounds);
    this.#recorder = recorder;
    this.#outer = outer;
  }

  /** Starts the clock of a new run. Resolves to the time to record, in milliseconds since 1970. */
  async start(): Promise<number> {
    const nowMs = await this.#recorder.now();
    this.#startedMs = performance.now();
    return nowMs;
  }

  /** Takes the recorded start, of this process or an earlier one. */
  startedAt(startedAtMs: number): void {
    this.#startedAtMs = startedAtMs;
  }

  /** How long the run has lasted, in milliseconds. A promise only where the recorder must be asked. */
  elapsedMs(): number | Promise<number> {
    return this.#startedMs === undefined
      ? this.#askElapsedMs()
      : Math.round(performance.now() - this.#startedMs);
  }

  async #askElapsedMs(): Promise<number> {
    const before = Math.max(0, (await this.#recorder.now()) - this.#startedAtMs);
    this.#startedMs ??= performance.now() - before;
    return Math.round(performance.now() - this.#startedMs);
  }

  /** How much of the run's time is left, in milliseconds; undefined where it has no end, as in most runs. */
  leftMs(): undefined | Promise<number> {
    return this.withinMs === undefined ? undefined : this.#leftMs(this.withinMs);
  }

  /** Whether the run's time is up, or that of a run around it. The clock is looked at only where a limit bounds it. */
  async isUp(): Promise<boolean> {
    if (this.withinMs !== undefined && (await this.elapsedMs()) >= this.withinMs) return true;
    return this.#outer?.isLate?.() ?? false;
  }

  async #leftMs(withinMs: number): Promise<number> {
    // A timer may fire a moment early; when it fires, the run's own time must be up as well.
    return Math.max(0, withinMs - (await this.elapsedMs())) + 2;
  }

  /**
   * The result of `work`; undefined where the time is up first, without waiting for work that ignores its signal. Rejects
   * with the reason of `outer` where that is aborted. `graceMs` stands for the time that is left.
   */
  inTime<T>(
    outer: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
    graceMs?: number,
  ): Promise<T | undefined> {
    // Most runs have no time limit, and a promise more in each step is not free.
    if (this.withinMs === undefined && graceMs === undefined) return work(outer);
    return this.#inTime(outer, work, graceMs);
  }

  async #inTime<T>(
    outer: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
    graceMs: number | undefined,
  ): Promise<T | undefined> {
    const { signal, release } = within(outer, graceMs ?? (await this.leftMs()));
    try {
      return await orAborted(signal, work(signal));
    } catch (error) {
      if (signal.reason instanceof TimeUp && !outer.aborted) return undefined;
      throw error;
    } finally {
      release();
    }
  }
}
