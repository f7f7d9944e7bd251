import { ThroughlineError } from '@throughline/core';
import type { SessionInfo } from '@throughline/core';
import { Digest } from './digest.ts';
import type { LiveRuns } from './live-runs.ts';
import type { Summary } from './shown.ts';
import { Reading } from './stored.ts';
import type { InspectedSessions, LineSource } from './stored.ts';
import { Timeline } from './timeline.ts';

/** So many sessions have their rows in memory at a time. */
const mostOpen = 8;

/** What is known of all sessions. It is read from the files, and from what was stored since; nothing of it is kept on disk. */
export class Catalog {
  readonly source: LineSource;
  readonly #sessions: InspectedSessions;
  readonly #live: LiveRuns;
  readonly #digests = new Map<string, Known>();
  readonly #timelines = new Map<string, Reading<Timeline>>();

  constructor(sessions: InspectedSessions, live: LiveRuns) {
    this.#sessions = sessions;
    this.#live = live;
    this.source = withRuns(sessions, live);
  }

  /** All sessions, the one that changed last first, and before them the runs that no session records. */
  async list(): Promise<readonly Summary[]> {
    const infos = [...this.#runs, ...(await this.#sessions.list())];
    const ids = new Set(infos.map(({ id }) => id));
    for (const id of this.#digests.keys()) if (!ids.has(id)) this.#digests.delete(id);
    const summaries: Summary[] = [];
    for (const info of infos) summaries.push(await this.#summary(info));
    return summaries;
  }

  async summary(id: string): Promise<Summary> {
    const info = this.#runs.find((run) => run.id === id) ?? (await this.#sessions.info(id));
    if (info === undefined)
      throw new ThroughlineError('session_not_found', `There is no session "${id}".`);
    return this.#summary(info);
  }

  /** The rows of a session with all that is stored now. */
  async timeline(id: string): Promise<Reading<Timeline>> {
    const before = this.#timelines.get(id);
    const known = before ?? new Reading(this.source, id, new Timeline(this.#live));
    this.#timelines.delete(id);
    this.#timelines.set(id, known); // the last one used is the last to go
    const [oldest] = this.#timelines.keys();
    if (oldest !== undefined && this.#timelines.size > mostOpen) this.#timelines.delete(oldest);
    try {
      await known.refresh();
    } catch (error) {
      this.#timelines.delete(id);
      // What does not go on may be another file: read from its start, it tells whether it is broken.
      if (before !== undefined && isCorrupt(error)) return this.timeline(id);
      throw error;
    }
    return known;
  }

  /** The runs that no session records, the last one first. */
  get #runs(): readonly SessionInfo[] {
    const runs = this.#live.withoutSession.map((watched) => ({
      id: watched.id,
      changedAtMs: watched.changedAtMs,
      bytes: watched.lines.length,
    }));
    return runs.reverse();
  }

  async #summary(info: SessionInfo): Promise<Summary> {
    const { id, bytes, changedAtMs, parent } = info;
    const about = { id, bytes, changedAtMs, ...(parent === undefined ? {} : { parent }) };
    try {
      const digest = await this.#digest(info);
      const live = this.#live.told(id);
      const holder = this.#live.withoutSession.some((run) => run.id === id)
        ? undefined
        : await this.#sessions.holder(id);
      const underWay = live !== undefined || (holder !== undefined && digest.state === 'cut');
      return {
        ...about,
        ...digest.told,
        state: underWay ? 'running' : digest.state,
        ...(live === undefined ? {} : { live }),
        ...(holder === undefined ? {} : { holder }),
      };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { ...about, ...new Digest().told, state: 'unreadable', problem };
    }
  }

  /** What the list says of a session. A file that has not changed since is not opened, whole or broken. */
  async #digest(info: SessionInfo): Promise<Digest> {
    const { id, bytes, changedAtMs, parent } = info;
    const before = this.#digests.get(id);
    const isSame = before?.bytes === bytes && before.changedAtMs === changedAtMs;
    if (isSame && before.broken !== undefined) throw before.broken;
    if (isSame) return before.reading.latest();
    // A file that became shorter is another one, and one that was broken is read from its start.
    const goesOn =
      before !== undefined && before.broken === undefined && before.reading.endsAt <= bytes;
    if (!goesOn) this.#timelines.delete(id);
    const reading = goesOn ? before.reading : new Reading(this.source, id, new Digest(parent?.seq));
    const known: Known = { reading, bytes, changedAtMs };
    this.#digests.set(id, known);
    try {
      return await reading.refresh();
    } catch (error) {
      if (goesOn && isCorrupt(error)) {
        this.#digests.delete(id); // as with a timeline
        this.#timelines.delete(id);
        return this.#digest(info);
      }
      // What a file's owner forbids, they can allow without changing it; and a fork breaks with its parent.
      if (isCorrupt(error) && parent === undefined)
        this.#digests.set(id, { ...known, broken: error });
      else this.#digests.delete(id);
      throw error;
    }
  }
}

/** A session's digest, and its file as it was before it was read. */
interface Known {
  readonly reading: Reading<Digest>;
  readonly bytes: number;
  readonly changedAtMs: number;
  /** Why it cannot be read. */
  readonly broken?: ThroughlineError;
}

function isCorrupt(error: unknown): error is ThroughlineError {
  return error instanceof ThroughlineError && error.code === 'session_corrupt';
}

/** The store, with the runs that no session records beside its sessions. */
function withRuns(sessions: InspectedSessions, live: LiveRuns): LineSource {
  return {
    tail(id, options) {
      const run = live.withoutSession.find((one) => one.id === id);
      if (run === undefined) return sessions.tail(id, options);
      const { from = 0 } = options ?? {};
      return batches([{ lines: run.lines.slice(from), endsAt: run.lines.length }]);
    },
  };
}

async function* batches<T>(list: readonly T[]): AsyncGenerator<T> {
  yield* list;
}
