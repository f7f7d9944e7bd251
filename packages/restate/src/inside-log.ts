import { handlers, object } from '@restatedev/restate-sdk';
import type {
  ObjectContext,
  ObjectSharedContext,
  VirtualObjectDefinition,
} from '@restatedev/restate-sdk';
import { connect, rpc } from '@restatedev/restate-sdk-clients';
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
import { maxEntryBytes, sizeOf, tooLarge } from './entry-size.ts';
import { terminal } from './failure.ts';
import { insideName } from './names.ts';

/** The handlers of a log of runs inside a call. */
export interface InsideOf {
  append(ctx: ObjectContext, line: { seq: number; entry: LogEntry }): Promise<void>;
  read(ctx: ObjectSharedContext): Promise<readonly LogEntry[]>;
  clear(ctx: ObjectContext): Promise<void>;
}

/** The logs of runs inside calls, each in an object whose key is the call's place. One is cleared when its call has its result. */
export function insideLogs(agent: string): VirtualObjectDefinition<string, InsideOf> {
  return object<string, InsideOf>({
    name: insideName(agent),
    handlers: {
      async append(ctx: ObjectContext, { seq, entry }: { seq: number; entry: LogEntry }) {
        const count = (await ctx.get<number>('count')) ?? 0;
        if (seq !== count + 1) {
          const message = `Another process goes on with the call "${ctx.key}".`;
          throw terminal({ code: 'session_conflict', message });
        }
        ctx.set(`${seq}`, entry);
        ctx.set('count', seq);
      },
      read: handlers.object.shared(async (ctx: ObjectSharedContext) => {
        const count = (await ctx.get<number>('count')) ?? 0;
        const entries: LogEntry[] = [];
        for (let seq = 1; seq <= count; seq++) {
          const entry = await ctx.get<LogEntry>(`${seq}`);
          if (entry !== null) entries.push(entry);
        }
        return entries;
      }),
      async clear(ctx: ObjectContext) {
        ctx.clearAll();
      },
    },
  });
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
  #entries: Promise<LogEntry[]> | undefined;
  #appended: Promise<unknown> = Promise.resolve();

  constructor(place: string, agent: string, ingressUrl: string) {
    this.place = place;
    this.logs = { name: insideName(agent) };
    this.#ingress = connect({
      url: ingressUrl,
      retry: { maxAttempts: false, maxDuration: false, maxInterval: 1_000 },
    });
  }

  /** How many entries there are. */
  async count(): Promise<number> {
    return (await this.#entries)?.length ?? 0;
  }

  recorder(runId: string, signal: AbortSignal): Recorder {
    this.used = true;
    const asks = new Map<string, AskHost>();
    const decide = async (about: CallPending): Promise<Decision> =>
      this.decisions.get(about.id) ?? (await (asks.get(about.id) as AskHost)());
    const made = this.#load().then((log) => {
      const record = (entry: LogEntry) => this.#append(log, entry, signal);
      const nothing = { history: [], asked: undefined, stop: async () => {}, release() {} };
      const run: SessionRun = { runId, log: [...log], settled: this.settled, record, ...nothing };
      return sessionRecorder(run, { signal, decide });
    });
    made.catch(() => {}); // the first step rejects with it
    return late(runId, made, (id, ask) => asks.set(id, ask));
  }

  #load(): Promise<LogEntry[]> {
    const read = async () => {
      const log = this.#ingress.objectClient(this.logs, this.place);
      return [...(await log.read(rpc.opts({ idempotencyKey: crypto.randomUUID() })))];
    };
    return (this.#entries ??= read());
  }

  /** One after the other, as the object counts them. */
  #append(log: LogEntry[], entry: LogEntry, signal: AbortSignal): Promise<void> {
    const bytes = sizeOf(entry);
    if (bytes > maxEntryBytes) throw tooLarge(`The result of the step "${entry.key}"`, bytes);
    const mine = this.#appended.then(async () => {
      const logs = this.#ingress.objectClient(this.logs, this.place);
      const idempotencyKey = crypto.randomUUID();
      await logs.append({ seq: log.length + 1, entry }, rpc.opts({ idempotencyKey, signal }));
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
