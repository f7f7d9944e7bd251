import type { Run, RunEvent, RunResult } from '@throughline/core';
import type { Host } from '../command.ts';
import { eventsWithoutKey } from '../run/events-without-key.ts';

/** What becomes of the run of a chat. */
export interface RunListener {
  heard(event: RunEvent): void;
  ended(result: RunResult<unknown>): void;
  failed(error: unknown, wasStopped: boolean): void;
  /** After either of them: the next run may begin. */
  free(): void;
}

/** The one run that a chat has under way, or none. */
export class ChatRun {
  readonly #listener: RunListener;
  readonly #env: Host['env'];
  #run: Run<unknown> | undefined;
  /** Stops what is under way besides a run. */
  #abort: AbortController | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(env: Host['env'], listener: RunListener) {
    this.#listener = listener;
    this.#env = env;
  }

  get isRunning(): boolean {
    return this.#abort !== undefined;
  }

  /** Resolves when nothing is under way any more. Never rejects. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** Follows a run to its end. `start` may throw. */
  follow(start: (signal: AbortSignal) => Run<unknown>): void {
    this.work(async (signal) => {
      const run = start(signal);
      this.#run = run;
      for await (const event of eventsWithoutKey(run, this.#env)) this.#listener.heard(event);
      this.#listener.ended(await run.result);
    });
  }

  /** Does other work of which there is one at a time, such as a compaction. */
  work(work: (signal: AbortSignal) => Promise<void>): void {
    const abort = new AbortController();
    this.#abort = abort;
    this.#done = work(abort.signal)
      .catch((error: unknown) => this.#listener.failed(error, abort.signal.aborted))
      .then(() => {
        this.#run = undefined;
        this.#abort = undefined;
        this.#listener.free();
      });
  }

  stop(): void {
    this.#abort?.abort(new DOMException('The person stopped the run.', 'AbortError'));
  }

  /** Tells the model something while it works, or after it has answered. False: the run has ended meanwhile. */
  tell(how: 'steer' | 'followUp', text: string): boolean {
    if (this.#run === undefined) return false;
    try {
      this.#run[how](text);
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === 'already_ended') return false;
      throw error;
    }
  }
}
