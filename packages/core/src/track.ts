import { orAborted, TimeUp, within } from './abort.ts';
import { canonical } from './arguments.ts';
import { askApproval, decided, needsApproval, refusal } from './approve.ts';
import { askAgain, hashOf, outcomeUnknown, startOf, worst } from './ask-again.ts';
import { check } from './check.ts';
import type { Checked, PlacedCall, SoundCall } from './check.ts';
import { wordsOf } from './error.ts';
import type { CallEnd, CallOutcome, CallPending, CallStart, Effect } from './event.ts';
import type { Execution } from './execution.ts';
import type { Invoked } from './invoke.ts';
import type { ToolCall } from './message.ts';
import { Suspension } from './recorder.ts';
import type { StepScope } from './recorder.ts';
import { isRepeatable } from './repeatable.ts';
import { runCall } from './run-call.ts';
import { timeLeft } from './time-left.ts';
import type { Tool } from './tool.ts';

/** One call on its way: cleared (checked, approved), in its turn, run. */
export class Track {
  /** The call's start, or its end where it may not run. Undefined for a call that needs no clearance. */
  readonly cleared: Promise<CallStart | CallEnd | undefined>;
  readonly done: Promise<CallEnd>;
  readonly effect: Effect;
  readonly #call: ToolCall;
  readonly #placed: PlacedCall;
  readonly #execution: Execution;
  readonly #key: string;
  /** A `read` that nobody is asked about and nothing is doubtful about, as far as its answer goes. */
  readonly #simple: boolean;
  #begun = false;
  #said: string | undefined;
  /** What the schema made of the arguments, when that was found out in this process. */
  #checked: Promise<Checked> | undefined;

  constructor(call: ToolCall, place: number, earlier: readonly Track[], execution: Execution) {
    const { tools, host, answer } = execution;
    const tool = tools.get(call.function.name);
    this.#call = call;
    this.#placed = { call, place, answer };
    this.#execution = execution;
    this.#key = `${answer.step}/call/${place}`;
    // Before it is known what an unknown call is repaired to, the worst is assumed.
    this.effect = tool?.effect ?? (host.repairCall === undefined ? 'read' : 'destructive');
    this.#simple = this.effect === 'read' && (!tool || !needsApproval(tool, host.approve));
    this.cleared = this.#simple ? Promise.resolve(undefined) : this.#clear();
    this.done = this.#run(earlier);
    this.done.catch(() => {}); // `execute` looks at every outcome
  }

  async #run(earlier: readonly Track[]): Promise<CallEnd> {
    const cleared = await this.cleared;
    if (cleared?.type === 'call.end') return cleared;
    for (const other of earlier) {
      const follows = this.#mustFollow(other);
      if (follows === true || (follows !== false && (await follows))) await other.done;
    }
    const twin = this.#twin(earlier);
    if (twin !== undefined) {
      const { outcome, message, output } = await twin.done;
      const same = {
        outcome,
        content: message.content,
        ...(output === undefined ? {} : { output }),
      };
      return this.#execution.settle(this.#key, async () => this.#ended(same));
    }
    return this.#runToEnd(cleared);
  }

  /** Runs the call once, as far as the log can tell; a person may have it run once more. */
  async #runToEnd(cleared: CallStart | undefined): Promise<CallEnd> {
    const { settle, recorder, host } = this.#execution;
    let start = cleared;
    for (let times = 1; ; times++) {
      const key = times === 1 ? this.#key : `${this.#key}/again/${times}`;
      const event = await settle(key, (scope) => this.#runNow(scope, start, times));
      if (event.type === 'call.end') return event;
      if (event.type === 'call.start') continue;
      const answer = await recorder.gate(`${key}/doubt`, event);
      host.telling.tell(answer);
      const decision = decided(answer.decision);
      const next = await settle(`${key}/doubted`, async () =>
        decision === true ? this.#begin(startOf(event)) : this.#end('refused', refusal(decision)),
      );
      if (next.type === 'call.end') return next;
      start = next;
    }
  }

  /** An earlier call that reads the very same thing, with nothing but reads since: one reading serves both. */
  #twin(earlier: readonly Track[]): Track | undefined {
    if (!this.#simple || this.#isOdd()) return undefined;
    const since = earlier.findLastIndex(({ effect }) => effect !== 'read') + 1;
    return earlier
      .slice(since)
      .find((other) => other.#simple && !other.#isOdd() && other.#words() === this.#words());
  }

  /** What stands in the message is not all there is to this call. */
  #isOdd(): boolean {
    const { doubts, barred } = this.#placed.answer;
    const { place } = this.#placed;
    return doubts?.[place] !== undefined || barred?.[place] !== undefined;
  }

  /** Known at once where a `read` is among them, so that many reads do not wait for each other's word. */
  #mustFollow(other: Track): boolean | Promise<boolean> {
    if (this.effect === 'destructive' || other.effect === 'destructive') return true;
    if (this.effect === 'read' || other.effect === 'read') return false;
    return this.#shares(other);
  }

  async #shares(other: Track): Promise<boolean> {
    const [mine, theirs] = await Promise.all([this.cleared, other.cleared]);
    if (theirs?.type === 'call.end') return false;
    if (mine?.type !== 'call.start' || mine.locks === undefined) return true;
    return theirs?.locks === undefined || mine.locks.some((lock) => theirs.locks?.includes(lock));
  }

  async #clear(): Promise<CallStart | CallEnd> {
    const { settle, recorder, host } = this.#execution;
    let event = await settle(`${this.#key}/start`, (scope) => this.#decide(scope));
    for (let times = 1; event.type === 'call.pending'; times++) {
      const suffix = times === 1 ? '' : `/${times}`;
      const asked = event;
      const answer = await recorder.gate(`${this.#key}/decision${suffix}`, asked);
      host.telling.tell(answer);
      event = await settle(`${this.#key}/decided${suffix}`, (scope) =>
        this.#follow(scope, decided(answer.decision), asked),
      );
    }
    return event;
  }

  /** May this call run? Its start, its end in words, or the question to a person. */
  #decide(scope: StepScope): Promise<CallStart | CallEnd | CallPending> {
    return this.#ifChecked(scope, async ({ tool, input, text }, signal) => {
      const { host, recorder } = this.#execution;
      const idempotencyKey = `${recorder.runId}/${this.#key}`;
      const context = host.context as never;
      const callId = this.#call.id;
      const about = { signal, context, callId, idempotencyKey };
      let approval: true | string;
      try {
        approval = await orAborted(signal, askApproval(tool, input, about, host.approve));
      } catch (error) {
        if (signal.aborted) throw error;
        const why = wordsOf(error);
        return this.#end('refused', `This call did not run: it could not be approved (${why}).`);
      }
      if (approval === true) return this.#start(tool, input, text);
      if (approval !== 'ask') return this.#end('refused', refusal(approval));
      return this.#pending(tool, text);
    });
  }

  /** A person decided. If the call is not any more what was shown to them, they are asked again. */
  async #follow(
    scope: StepScope,
    decision: true | string,
    asked: CallPending,
  ): Promise<CallStart | CallEnd | CallPending> {
    if (decision !== true) return this.#end('refused', refusal(decision));
    return this.#ifChecked(scope, async ({ tool, input, text }) => {
      const now = await this.#pending(tool, text);
      return now.hash === asked.hash ? this.#start(tool, input, text) : now;
    });
  }

  /** Does `work` with a call that is complete and valid, and the run's time; one that is not has its end. */
  async #ifChecked<E>(
    scope: StepScope,
    work: (call: SoundCall, signal: AbortSignal) => Promise<E>,
  ): Promise<E | CallEnd> {
    const { host } = this.#execution;
    const leftMs = host.endsAtMs === undefined ? undefined : await timeLeft(host);
    const { signal, release } = within(scope.signal, leftMs);
    try {
      this.#checked ??= this.#check();
      const checked = await orAborted(signal, this.#checked);
      if (checked.words !== undefined) return this.#end('doubtful', checked.words);
      return await work(checked, signal);
    } catch (error) {
      if (error instanceof Suspension) throw error;
      if (scope.signal.aborted) return this.#end('aborted', notBegun);
      if (signal.reason instanceof TimeUp) return this.#end('timeout', lateToBegin);
      const why = wordsOf(error);
      return this.#end('doubtful', `This call did not run: it could not be checked (${why}).`);
    } finally {
      release();
    }
  }

  async #check(): Promise<Checked> {
    const { host, tools, answer } = this.#execution;
    const checked = await check(this.#placed, tools, host.repairCall);
    if (checked.words === undefined && checked.repaired !== undefined) {
      const { runId, step } = answer;
      const message = `Call ${this.#placed.place}: ${checked.repaired}.`;
      host.telling.tell({ type: 'warning', runId, step, message });
    }
    return checked;
  }

  async #runNow(
    scope: StepScope,
    start: CallStart | undefined,
    times: number,
  ): Promise<CallStart | CallEnd | CallPending> {
    const { host, prefetch, tools } = this.#execution;
    if (!isRepeatable(tools.get(this.#call.function.name))) {
      const effect = worst(start?.effect ?? 'write', this.effect);
      if (scope.attempt > 1 && effect === 'destructive' && start !== undefined) {
        return askAgain(start, times);
      }
      if (scope.attempt > 1 && effect !== 'read') return this.#end('unknown', outcomeUnknown);
      // It was cleared before it had to stop: that it runs now must be known before it does.
      if (start !== undefined && effect !== 'read' && !this.#begun) return this.#begin(start);
    }
    if (scope.signal.aborted) return this.#end('aborted', notBegun);
    return this.#ifChecked(scope, async ({ tool, input, text }) => {
      const early = await prefetch?.take(this.#placed.place, this.#call);
      if (early !== undefined) return this.#ended(early);
      if (start === undefined) host.telling.tell(this.#start(tool, input, text));
      const idempotencyKey = `${this.#execution.recorder.runId}/${this.#key}`;
      const place = { ...this.#about(), ...scope, idempotencyKey };
      return this.#ended(await runCall(tool, input, place, host));
    });
  }

  #about() {
    const { runId, step } = this.#execution.answer;
    return { runId, step, call: this.#placed.place, callId: this.#call.id };
  }

  /** The same for calls that say the same, however they are written. */
  #words(): string {
    const { name, arguments: text } = this.#call.function;
    return (this.#said ??= `${name} ${canonical(text)}`);
  }

  #start(tool: Tool, input: unknown, text: string): CallStart {
    const { name, effect } = tool;
    const locks = effect === 'write' ? tool.locks?.(input) : undefined;
    const held = locks === undefined ? {} : { locks: locks.map(String) };
    return this.#begin({
      type: 'call.start',
      ...this.#about(),
      name,
      effect,
      arguments: text,
      ...held,
    });
  }

  /** The start is recorded by this process, so nobody else can have begun. */
  #begin(start: CallStart): CallStart {
    this.#begun = true;
    return { ...start };
  }

  async #pending({ name, effect }: Tool, text: string): Promise<CallPending> {
    const hash = await hashOf(`${name}\n${text}`);
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
const lateToBegin = 'This call did not run: the run’s time was up before it could begin.';
