import { Line } from './line.ts';

/** How many requests are under way at once, over all hosts. What they hold in memory is bounded by it. */
const mostAtOnce = 6;

/** Lets one request at a time to a host, and few at once to all. */
export class Gate {
  readonly #all = new Line(mostAtOnce);
  readonly #hosts = new Map<string, Line>();

  /** Resolves with the function to call when the request is done. A request that holds a place must not enter again. */
  async enter(host: string, signal: AbortSignal): Promise<() => void> {
    const line = this.#hosts.get(host) ?? new Line(1);
    this.#hosts.set(host, line);
    const forget = () => {
      if (line.isEmpty && this.#hosts.get(host) === line) this.#hosts.delete(host);
    };
    // The host first: many requests to one slow host wait in its line, and not in that of all others.
    const leaveHost = await line.enter(signal);
    try {
      const leaveAll = await this.#all.enter(signal);
      return () => {
        leaveAll();
        leaveHost();
        forget();
      };
    } catch (error) {
      leaveHost();
      forget();
      throw error;
    }
  }
}
