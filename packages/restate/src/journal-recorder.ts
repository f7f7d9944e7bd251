import { serde } from '@restatedev/restate-sdk';
import type { WorkflowContext } from '@restatedev/restate-sdk';
import { Suspension } from '@throughline/core';
import type {
  AskHost,
  CallDecided,
  CallPending,
  Decision,
  RecordedEvent,
  Recorder,
  StepScope,
} from '@throughline/core';
import { decode, encode, entryOf, entryOfCall } from './entry.ts';
import type { Entry } from './entry.ts';
import { toError, toFailure } from './failure.ts';
import type { Failure } from './failure.ts';
import type { InsideLog } from './inside-log.ts';
import type { Listener, MessagesHeard } from './messages-heard.ts';
import type { Pump } from './pump.ts';
import { decisionName } from './names.ts';
import type { WorkOfRun } from './under-way.ts';

/** What all recorders of one run share: its journal, and what is known of it. */
export interface Journal {
  readonly ctx: WorkflowContext;
  readonly pump: Pump;
  readonly work: WorkOfRun;
  readonly messages: MessagesHeard;
  /** The log of the runs inside the call at this place. */
  inside(place: string): InsideLog;
  /** Who hears what is said to the run. */
  listener?: Listener;
  /** The calls that wait for a person. */
  readonly waiting: Map<string, CallPending>;
  /** Events that were recorded, and told, before this attempt. */
  readonly replayed: WeakSet<RecordedEvent>;
}

type Work = (scope: StepScope) => Promise<RecordedEvent>;

/** Records a run in the journal of a Restate invocation, each step as an entry under the step's key. */
export class JournalRecorder implements Recorder {
  readonly runId: string;
  readonly #journal: Journal;
  /** Calls that are cleared and act on the world. */
  readonly #cleared = new Set<string>();
  /** The runs inside calls that are under way, by the call's key. */
  readonly #inside = new Map<string, InsideLog>();
  readonly #begun: () => void;

  constructor(journal: Journal) {
    this.#journal = journal;
    this.runId = journal.ctx.key;
    let begin = () => {};
    // The loop is loaded with the first run of a process, which takes longer than a moment.
    journal.pump.hold(new Promise<void>((resolve) => (begin = resolve)));
    this.#begun = begin;
  }

  async step<E extends RecordedEvent>(
    key: string,
    fn: (scope: StepScope) => Promise<E>,
  ): Promise<E> {
    this.#begun();
    const call = callOf(key);
    const event = call === undefined ? await this.#step(key, fn) : await this.#call(key, call, fn);
    return event as E;
  }

  async gate(key: string, about: CallPending, ask?: AskHost): Promise<CallDecided> {
    const decision = await this.#decision(key, about, ask);
    const { runId, step, call, callId, name, id } = about;
    const decided = { runId, step, call, callId, name, id, decision };
    return (await this.#step(key, async () => {
      return { type: 'call.decided', ...decided };
    })) as CallDecided;
  }

  // Both are asked for in the work of steps alone, which is recorded.
  now(): Promise<number> {
    return Promise.resolve(Date.now());
  }

  uuid(): Promise<string> {
    return Promise.resolve(crypto.randomUUID());
  }

  child(key: string): Recorder {
    const inside = this.#inside.get(key);
    if (inside === undefined) throw new Error(`No call is under way under the key "${key}".`);
    return inside.recorder(`${this.runId}/${key}`, this.#journal.work.signal);
  }

  async #step(key: string, fn: Work): Promise<RecordedEvent> {
    const { work, messages, listener } = this.#journal;
    const scope = { idempotencyKey: `${this.runId}/${key}`, attempt: 1, signal: work.signal };
    const hearAndDo = async () => {
      if (listener !== undefined) messages.give(listener);
      return fn(scope);
    };
    return this.#taken(key, await this.#entry(key, () => entryOf(hearAndDo)));
  }

  /** A call's own work. An agent may run inside, and wait for a person. */
  async #call(key: string, call: string, fn: Work): Promise<RecordedEvent> {
    const { ctx, work, inside } = this.#journal;
    const log = inside(`${this.runId}/${call}`);
    this.#inside.set(call, log);
    for (let times = 1; ; times++) {
      const at = times === 1 ? key : `${key}/resumed/${times}`;
      const attempt = this.#cleared.has(call) ? await this.#attempt(at) : 1;
      const scope = { idempotencyKey: `${this.runId}/${key}`, attempt, signal: work.signal };
      const entry = await this.#entry(at, () => entryOfCall(() => fn(scope), log));
      if ('suspended' in entry) {
        log.settled = entry.settled;
        const decide = async (about: CallPending, index: number) =>
          log.decisions.set(about.id, await this.#decision(`${at}/decision/${index + 1}`, about));
        await Promise.all(entry.suspended.map(decide));
        continue;
      }
      if ('event' in entry && entry.inside) ctx.objectSendClient(log.logs, log.place).clear();
      return this.#taken(key, entry);
    }
  }

  /** Whether the call may have begun before, where nobody knows what came of it. Recorded before it begins. */
  async #attempt(key: string): Promise<number> {
    const { work } = this.#journal;
    const by = await this.#plain(`${key}/begun`, async () => work.owner);
    return by === work.owner && !work.hasLost(key) ? 1 : 2;
  }

  async #decision(key: string, about: CallPending, ask?: AskHost): Promise<Decision> {
    const { ctx, pump, waiting } = this.#journal;
    const said = ask && (await this.#plain(`${key}/asked`, () => sayOf(ask)));
    if (said?.failed !== undefined) throw toError(said.failed);
    if (said?.decision !== undefined) return said.decision;
    waiting.set(about.id, about);
    ctx.set('waiting', [...waiting.values()]);
    const decision = await pump.wait(ctx.promise<Decision>(decisionName(about.id)).get());
    waiting.delete(about.id);
    ctx.set('waiting', [...waiting.values()]);
    return decision;
  }

  #plain<T>(key: string, fn: () => Promise<T>): Promise<T> {
    const { ctx, pump } = this.#journal;
    return pump.wait(ctx.run(key, fn));
  }

  /** What stands in the journal under this key, or what `begin` comes to, once it stands there. */
  async #entry(key: string, begin: () => Promise<Entry>): Promise<Entry & { live: boolean }> {
    const { ctx, pump, work } = this.#journal;
    let live = false;
    const run = () => {
      live = true;
      return work.join(key, async () => encode(key, await begin()));
    };
    const bytes = await pump.wait(ctx.run(key, run, { serde: serde.binary }));
    work.recorded(key);
    return { live, ...decode(bytes) };
  }

  #taken(key: string, entry: Entry & { live: boolean }): RecordedEvent {
    if ('failed' in entry) throw toError(entry.failed);
    if (!('event' in entry)) throw new Error(`The entry "${key}" holds no event.`);
    const { event, live } = entry;
    if (!live) this.#journal.replayed.add(event);
    if (event.type === 'call.start' && event.effect !== 'read') {
      this.#cleared.add(`${event.step}/call/${event.call}`);
    }
    this.#journal.messages.take(event);
    return event;
  }
}

/** The call whose work stands under this key; undefined for all other steps. */
function callOf(key: string): string | undefined {
  return /^(\d+\/call\/\d+)(?:\/again\/\d+)?$/.exec(key)?.[1];
}

/** What the host says by itself, if anything. */
async function sayOf(ask: AskHost): Promise<{ decision?: Decision; failed?: Failure }> {
  try {
    return { decision: await ask() };
  } catch (error) {
    return error instanceof Suspension ? {} : { failed: toFailure(error) };
  }
}
