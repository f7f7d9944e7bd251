import { object } from '@restatedev/restate-sdk';
import type {
  ObjectContext,
  TerminalError,
  VirtualObjectDefinition,
} from '@restatedev/restate-sdk';
import { connect } from '@restatedev/restate-sdk-clients';
import type { Ingress } from '@restatedev/restate-sdk-clients';
import { sessionRecorder } from '@throughline/core';
import type {
  AskHost,
  CallPending,
  Decision,
  LogEntry,
  Recorder,
  SessionRun,
} from '@throughline/core';
import { again } from './again.ts';
import { checkSize } from './entry-size.ts';
import { insideName } from './names.ts';
import { shouldRetry } from './should-retry.ts';
import { terminal } from './terminal.ts';

/** A log as it was when it was opened. */
interface Opened {
  /** Who may append: the last one that has opened it. */
  readonly epoch: number;
  readonly entries: readonly LogEntry[];
}

interface Line {
  readonly epoch: number;
  /** Counted from 1. */
  readonly seq: number;
  readonly entry: LogEntry;
}

/** The handlers of a log of runs inside a call. */
export interface InsideOf {
  open(ctx: ObjectContext): Promise<Opened>;
  append(ctx: ObjectContext, line: Line): Promise<void>;
  clear(ctx: ObjectContext): Promise<void>;
}

/** The logs of runs inside calls, each in an object whose key is the call's place. One is cleared when its call has its result. */
export function insideLogs(agent: string): VirtualObjectDefinition<string, InsideOf> {
  return object<string, InsideOf>({
    name: insideName(agent),
    handlers: {
      async open(ctx: ObjectContext) {
        if ((await ctx.get<boolean>('over')) === true) throw taken(ctx.key);
        const epoch = ((await ctx.get<number>('epoch')) ?? 0) + 1;
        ctx.set('epoch', epoch);
        const entries: LogEntry[] = [];
        for (;;) {
          const entry = await ctx.get<LogEntry>(`${entries.length + 1}`);
          if (entry === null) return { epoch, entries };
          entries.push(entry);
        }
      },
      async append(ctx: ObjectContext, { epoch, seq, entry }: Line) {
        if (epoch !== (await ctx.get<number>('epoch'))) throw taken(ctx.key);
        ctx.set(`${seq}`, entry);
      },
      async clear(ctx: ObjectContext) {
        ctx.clearAll();
        ctx.set('over', true); // a process that was left behind must not begin it anew
      },
    },
  });
}

function taken(place: string): TerminalError {
  const message = `Another process goes on with the call "${place}", or has ended it.`;
  return terminal({ code: 'session_conflict', message });
}

/** The same here, where it grows. */
interface Open {
  readonly epoch: number;
  readonly log: LogEntry[];
}

/**
 * The runs inside one call. Nothing can be recorded in the journal while a step of it does its work, and a run inside is such work. So it
 * has a log of its own, in an object of Restate, that is written over the ingress.
 */
export class InsideLog {
  /** Whether a run inside has begun. */
  used = false;
  /** What was decided on calls of runs inside. */
  readonly decisions = new Map<string, Decision>();
  /** So many entries were all there was when the call last stopped in good order. */
  settled = 0;
  readonly place: string;
  /** The object that it is in. */
  readonly logs: VirtualObjectDefinition<string, InsideOf>;
  readonly #ingress: Ingress;
  #opened: Promise<Open> | undefined;
  #appended: Promise<unknown> = Promise.resolve();

  constructor(place: string, agent: string, ingressUrl: string) {
    this.place = place;
    this.logs = { name: insideName(agent) };
    this.#ingress = connect({
      url: ingressUrl,
      retry: { shouldRetry, maxAttempts: false, maxDuration: false, maxInterval: 1_000 },
    });
  }

  /** How many entries there are. */
  async count(): Promise<number> {
    return (await this.#opened)?.log.length ?? 0;
  }

  recorder(runId: string, signal: AbortSignal): Recorder {
    this.used = true;
    const asks = new Map<string, AskHost>();
    const decide = async (about: CallPending): Promise<Decision> =>
      this.decisions.get(about.id) ?? (await (asks.get(about.id) as AskHost)());
    const made = this.#open().then(({ epoch, log }) => {
      const record = (entry: LogEntry) => this.#append(epoch, log, entry);
      const nothing = { history: [], asked: undefined, stop: async () => {}, release() {} };
      const run: SessionRun = { runId, log: [...log], settled: this.settled, record, ...nothing };
      return sessionRecorder(run, { signal, decide });
    });
    made.catch(() => {}); // the first step rejects with it
    return late(runId, made, (id, ask) => asks.set(id, ask));
  }

  #open(): Promise<Open> {
    const open = async () => {
      const log = this.#ingress.objectClient(this.logs, this.place);
      const { epoch, entries } = await log.open(again());
      return { epoch, log: [...entries] };
    };
    return (this.#opened ??= open());
  }

  /** One after the other, in the order of the log. */
  #append(epoch: number, log: LogEntry[], entry: LogEntry): Promise<void> {
    checkSize(`The result of the step "${entry.key}"`, entry);
    const mine = this.#appended.then(async () => {
      const object = this.#ingress.objectClient(this.logs, this.place);
      await object.append({ epoch, seq: log.length + 1, entry }, again());
      log.push(entry);
    });
    this.#appended = mine.catch(() => {});
    return mine;
  }
}

/** A recorder that is there once its log is read. Its own inner recorders write to the same log. */
function late(
  runId: string,
  made: Promise<Recorder>,
  asked: (id: string, ask: AskHost) => void,
): Recorder {
  return {
    runId,
    step: async (key, fn) => (await made).step(key, fn),
    async gate(key, about, ask) {
      if (ask !== undefined) asked(about.id, ask);
      return (await made).gate(key, about);
    },
    now: async () => Date.now(),
    uuid: async () => crypto.randomUUID(),
    child: (key) =>
      late(
        `${runId}/${key}`,
        made.then((recorder) => recorder.child(key)),
        asked,
      ),
  };
}
