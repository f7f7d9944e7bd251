import { orAborted } from './abort.ts';
import { canonical } from './arguments.ts';
import { askApproval, needsApproval } from './approve.ts';
import { check } from './check.ts';
import type { Checked, PlacedCall } from './check.ts';
import type {
  AnswerGiven,
  CallEnd,
  CallOutcome,
  CallPending,
  CallStart,
  Effect,
  RecordedEvent,
} from './event.ts';
import type { Invoked } from './invoke.ts';
import type { ToolCall } from './message.ts';
import type { Prefetch } from './prefetch.ts';
import { Suspension } from './recorder.ts';
import type { Recorder, StepScope } from './recorder.ts';
import { runCall } from './run-call.ts';
import type { CallHost } from './run-call.ts';
import type { Tool } from './tool.ts';

/** All that the calls of one answer need. */
export interface Execution {
  readonly answer: AnswerGiven;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly recorder: Recorder;
  /** `recorder.step`, with the event told. */
  settle<E extends RecordedEvent>(key: string, fn: (scope: StepScope) => Promise<E>): Promise<E>;
  readonly host: CallHost;
  readonly prefetch: Prefetch | undefined;
}

/** What the calls came to: an end for each, in call order, unless some wait for a person. */
export interface Executed {
  readonly ends: readonly CallEnd[];
  readonly pending: readonly CallPending[];
}

/**
 * Takes every call of an answer to its end. Calls overlap as their effects allow. Rejects only when the
 * recorder does, and not before every call has settled.
 */
export async function execute(execution: Execution): Promise<Executed> {
  const tracks: Track[] = [];
  for (const [at, call] of (execution.answer.message.tool_calls ?? []).entries()) {
    tracks.push(new Track(call, at + 1, tracks.slice(), execution));
  }
  const settled = await Promise.allSettled(tracks.map(({ done }) => done));
  const ends: CallEnd[] = [];
  const pending = new Map<string, CallPending>();
  for (const result of settled) {
    if (result.status === 'fulfilled') ends.push(result.value);
    else if (!(result.reason instanceof Suspension)) throw result.reason;
    else for (const one of result.reason.pending) pending.set(keyOf(one), one);
  }
  return { ends, pending: [...pending.values()] };
}

/** An agent inside a call has pending calls of its own, with places of its own. */
function keyOf({ runId, step, call }: CallPending): string {
  return `${runId} ${step} ${call}`;
}

/** One call on its way: cleared (checked, approved), in its turn, run. */
class Track {
  /** The call's start, or its end where it may not run. Undefined for a call that needs no clearance. */
  readonly cleared: Promise<CallStart | CallEnd | undefined>;
  readonly done: Promise<CallEnd>;
  readonly effect: Effect;
  readonly #call: ToolCall;
  readonly #placed: PlacedCall;
  readonly #execution: Execution;
  readonly #key: string;
  /** What the schema made of the arguments, when that was found out in this process. */
  #checked: Checked | undefined;

  constructor(call: ToolCall, place: number, earlier: readonly Track[], execution: Execution) {
    const { tools, host, answer } = execution;
    const tool = tools.get(call.function.name);
    this.#call = call;
    this.#placed = { call, place, answer };
    this.#execution = execution;
    this.#key = `${answer.step}/call/${place}`;
    // Before it is known what an unknown call is repaired to, the worst is assumed.
    this.effect = tool?.effect ?? (host.repairCall === undefined ? 'read' : 'destructive');
    const simple = this.effect === 'read' && (!tool || !needsApproval(tool, host.approve));
    this.cleared = simple ? Promise.resolve(undefined) : this.#clear();
    this.done = this.#run(earlier);
    this.done.catch(() => {}); // `execute` looks at every outcome
  }

  async #run(earlier: readonly Track[]): Promise<CallEnd> {
    const cleared = await this.cleared;
    if (cleared?.type === 'call.end') return cleared;
    for (const other of earlier) if (await this.#mustFollow(other)) await other.done;
    const twin = earlier.find((other) => this.#reads(other));
    if (twin !== undefined) {
      const { outcome, message, output } = await twin.done;
      const same = {
        outcome,
        content: message.content,
        ...(output === undefined ? {} : { output }),
      };
      return this.#execution.settle(this.#key, async () => this.#ended(same));
    }
    return this.#execution.settle(this.#key, (scope) => this.#runNow(scope, cleared));
  }

  /** Whether the other call reads the very same thing: one reading serves both. */
  #reads(other: Track): boolean {
    const [mine, theirs] = [this.#call.function, other.#call.function];
    return (
      this.#execution.tools.get(mine.name)?.effect === 'read' &&
      mine.name === theirs.name &&
      canonical(mine.arguments) === canonical(theirs.arguments)
    );
  }

  async #mustFollow(other: Track): Promise<boolean> {
    if (this.effect === 'destructive' || other.effect === 'destructive') return true;
    if (this.effect === 'read' || other.effect === 'read') return false;
    const [mine, theirs] = await Promise.all([this.cleared, other.cleared]);
    if (theirs?.type === 'call.end') return false;
    if (mine?.type !== 'call.start' || mine.locks === undefined) return true;
    return theirs?.locks === undefined || mine.locks.some((lock) => theirs.locks?.includes(lock));
  }

  async #clear(): Promise<CallStart | CallEnd> {
    const { settle, recorder } = this.#execution;
    const event = await settle(`${this.#key}/start`, (scope) => this.#decide(scope));
    if (event.type !== 'call.pending') return event;
    const decided = await recorder.gate(`${this.#key}/decision`, event);
    this.#execution.host.telling.tell(decided);
    const { decision } = decided;
    return settle<CallStart | CallEnd>(`${this.#key}/decided`, async () =>
      decision === true ? this.#start(event.effect) : this.#end('refused', decision),
    );
  }

  /** May this call run? Its start, its end in words, or the question to a person. */
  async #decide(scope: StepScope): Promise<CallStart | CallEnd | CallPending> {
    const { host, tools } = this.#execution;
    const { signal } = scope;
    try {
      const checked = await orAborted(signal, check(this.#placed, tools, host.repairCall));
      if (checked.words !== undefined) return this.#end('doubtful', checked.words);
      this.#checked = checked;
      const { tool, input } = checked;
      const about = { ...this.#about(), signal, context: host.context as never };
      const asked = askApproval(tool, input, { ...scope, ...about }, host.approve);
      const approval = await orAborted(signal, asked);
      if (approval === true) return this.#start(tool.effect, tool.locks?.(input));
      if (approval !== 'ask') return this.#end('refused', approval);
      return await this.#pending(tool.effect);
    } catch (error) {
      if (signal.aborted) return this.#end('aborted', notBegun);
      const why = error instanceof Error ? error.message : String(error);
      return this.#end('refused', `This call did not run: it could not be approved (${why}).`);
    }
  }

  async #runNow(scope: StepScope, cleared: CallStart | undefined): Promise<CallEnd> {
    const { host, tools, prefetch } = this.#execution;
    if (scope.signal.aborted) return this.#end('aborted', notBegun);
    try {
      const checking = this.#checked ?? check(this.#placed, tools, host.repairCall);
      const checked = await orAborted(scope.signal, Promise.resolve(checking));
      if (checked.words !== undefined) return this.#end('doubtful', checked.words);
      const early = await prefetch?.take(this.#placed.place, this.#call);
      if (early === undefined && cleared === undefined) host.telling.tell(this.#start('read'));
      return this.#ended(
        early ?? (await runCall(checked.tool, checked.input, { ...this.#about(), ...scope }, host)),
      );
    } catch (error) {
      if (error instanceof Suspension) throw error;
      if (scope.signal.aborted) return this.#end('aborted', notBegun);
      const why = error instanceof Error ? error.message : String(error);
      return this.#end('doubtful', `This call did not run: it could not be checked (${why}).`);
    }
  }

  #about() {
    const { runId, step } = this.#execution.answer;
    return { runId, step, call: this.#placed.place, callId: this.#call.id };
  }

  #start(effect: Effect, locks?: readonly string[]): CallStart {
    const { name, arguments: text } = this.#call.function;
    const held = locks === undefined ? {} : { locks };
    return { type: 'call.start', ...this.#about(), name, effect, arguments: text, ...held };
  }

  async #pending(effect: Effect): Promise<CallPending> {
    const { name, arguments: text } = this.#call.function;
    const hash = await hashOf(name, text);
    return { type: 'call.pending', ...this.#about(), name, effect, arguments: text, hash };
  }

  #end(outcome: CallOutcome, content: string): CallEnd {
    return this.#ended({ outcome, content });
  }

  #ended({ outcome, content, output, usage }: Invoked): CallEnd {
    return {
      type: 'call.end',
      ...this.#about(),
      name: this.#call.function.name,
      outcome,
      message: { role: 'tool', tool_call_id: this.#call.id, content },
      ...(output === undefined ? {} : { output }),
      ...(usage === undefined ? {} : { usage }),
    };
  }
}

const notBegun = 'The run was stopped before this call began.';

async function hashOf(name: string, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${name}\n${text}`);
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
