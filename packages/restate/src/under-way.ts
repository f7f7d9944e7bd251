interface Work {
  /** Undefined once it was given up to keep it. */
  result: Promise<Uint8Array> | undefined;
  expiry?: ReturnType<typeof setTimeout>;
}

/** How long a result is kept that nobody has asked for: another process has the run by then. */
const keptMs = 10 * 60_000;

/**
 * The work of one run in this process. When the server of Restate or the connection to it dies, the run is begun again, maybe in this same
 * process, while a tool of the attempt before still runs. The new attempt then waits for that work and does not begin it twice.
 */
class WorkOfRun {
  /** How many attempts of the run this process is in. */
  attempts = 0;
  /** Who began what is begun here: of what another one has begun, nobody here knows the outcome. */
  readonly owner: string;
  readonly #controller = new AbortController();
  readonly #works = new Map<string, Work>();

  constructor(owner: string) {
    this.owner = owner;
  }

  /** Aborted when the run is, also for work that an earlier attempt began. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  get isEmpty(): boolean {
    return this.#works.size === 0;
  }

  /** The result of this work, which begins only where this process has not begun it before. */
  join(path: string, begin: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.#works.get(path);
    if (known?.result !== undefined) return known.result;
    const result = begin();
    const work: Work = { result };
    this.#works.set(path, work);
    const expire = () => {
      work.expiry = setTimeout(() => (work.result = undefined), keptMs);
      work.expiry.unref();
    };
    result.then(expire, expire);
    return result;
  }

  /** Whether this process began the work and no longer knows what came of it. */
  hasLost(path: string): boolean {
    const known = this.#works.get(path);
    return known !== undefined && known.result === undefined;
  }

  /** The result is in the journal. */
  recorded(path: string): void {
    clearTimeout(this.#works.get(path)?.expiry);
    this.#works.delete(path);
  }
}

export type { WorkOfRun };

/** The work of all runs of one agent in this process. */
export class UnderWay {
  readonly #owner = crypto.randomUUID();
  readonly #runs = new Map<string, WorkOfRun>();

  /** For one attempt of a run, until `attemptEnded`. */
  begin(runId: string, attemptEnded: AbortSignal): WorkOfRun {
    const work = this.#runs.get(runId) ?? new WorkOfRun(this.#owner);
    this.#runs.set(runId, work);
    work.attempts++;
    const leave = () => {
      work.attempts--;
      // An ended run may have been begun anew meanwhile.
      if (work.attempts === 0 && work.isEmpty && this.#runs.get(runId) === work) {
        this.#runs.delete(runId);
      }
    };
    if (attemptEnded.aborted) leave();
    else attemptEnded.addEventListener('abort', leave, { once: true });
    return work;
  }

  /** The run has ended. */
  end(runId: string): void {
    this.#runs.delete(runId);
  }
}
