import { canonical } from '../answer/arguments.ts';
import type { CallEnd, CallPending, CallStart, Effect } from '../base/event.ts';
import type { ToolCall } from '../base/message.ts';
import type { StepScope } from '../record/recorder.ts';
import { isRepeatable } from '../tool/tool.ts';
import { needsApproval } from './approve.ts';
import type { CallBatch } from './call-batch.ts';
import type { CallRef } from './call-deps.ts';
import { Clearance } from './clearance.ts';
import { lateToBegin, notBegun } from './not-begun.ts';
import { runCall } from './run-tool.ts';
import { askAgain, outcomeUnknown, startOf, worst } from './unknown-outcome.ts';

/** One call on its way: cleared (checked, approved), in its turn, run. */
export class ScheduledCall {
  /** The call's start, or its end where it may not run. Undefined for a call that needs no clearance. */
  readonly cleared: Promise<CallStart | CallEnd | undefined>;
  readonly done: Promise<CallEnd>;
  readonly effect: Effect;
  readonly #call: ToolCall;
  readonly #clearance: Clearance;
  readonly #batch: CallBatch;
  /** A `read` that nobody is asked about and nothing is doubtful about, as far as its answer goes. */
  readonly #simple: boolean;
  #written: string | undefined;
  #over = false;

  constructor(call: ToolCall, callIndex: number, all: readonly ScheduledCall[], batch: CallBatch) {
    const { tools, host } = batch;
    const tool = tools.get(call.function.name);
    this.#call = call;
    this.#clearance = new Clearance(call, callIndex, batch);
    this.#batch = batch;
    // Before it is known what an unknown call is repaired to, the worst is assumed.
    this.effect = tool?.effect ?? (host.repairCall === undefined ? 'read' : 'destructive');
    this.#simple = this.effect === 'read' && (!tool || !needsApproval(tool, host.approve));
    this.cleared = this.#simple ? Promise.resolve(undefined) : this.#clearance.clear();
    this.done = this.#run(all);
    this.done.then(
      () => (this.#over = true),
      () => {}, // `execute` looks at every outcome
    );
  }

  /** `all` are the calls of the answer, of which only the earlier ones matter here. */
  async #run(all: readonly ScheduledCall[]): Promise<CallEnd> {
    const cleared = await this.cleared;
    if (cleared?.type === 'call.end') return cleared;
    // From the nearest: once that is over, most of those it had to follow are over too, and are not waited for again.
    for (let at = this.#clearance.callIndex - 2; at >= 0; at--) {
      const other = all[at];
      if (other === undefined || other.#over) continue;
      const follows = this.#mustFollow(other);
      if (follows === true || (follows !== false && (await follows))) await other.done;
    }
    const twin = this.#twin(all);
    if (twin !== undefined) {
      const { outcome, message, output } = await twin.done;
      const same = {
        outcome,
        content: message.content,
        ...(output === undefined ? {} : { output }),
      };
      return this.#batch.settle(this.#clearance.key, async () => this.#clearance.ended(same));
    }
    return this.#runToEnd(cleared);
  }

  /** Runs the call once, as far as the log can tell; a person may have it run once more. */
  async #runToEnd(cleared: CallStart | undefined): Promise<CallEnd> {
    const { settle, recorder, host } = this.#batch;
    let start = cleared;
    for (let times = 1; ; times++) {
      const key = times === 1 ? this.#clearance.key : `${this.#clearance.key}/again/${times}`;
      const event = await settle(key, (scope) => this.#runNow(scope, start, times));
      if (event.type === 'call.end') return event;
      if (event.type === 'call.start') continue;
      const answer = await recorder.gate(`${key}/doubt`, event);
      host.sink.emit(answer);
      const next = await settle(`${key}/doubted`, (scope) =>
        this.#clearance.beginAgain(scope, answer.decision, startOf(event)),
      );
      if (next.type === 'call.end') return next;
      start = next;
    }
  }

  /** An earlier call that reads the very same thing, with nothing but reads since: one reading serves both. */
  #twin(all: readonly ScheduledCall[]): ScheduledCall | undefined {
    if (!this.#simple || this.#isOdd()) return undefined;
    let twin: ScheduledCall | undefined;
    for (let at = this.#clearance.callIndex - 2; at >= 0; at--) {
      const other = all[at];
      if (other?.effect !== 'read') break;
      if (other.#simple && !other.#isOdd() && other.#signature() === this.#signature())
        twin = other;
    }
    return twin;
  }

  /** What stands in the message is not all there is to this call. */
  #isOdd(): boolean {
    const { doubts, barred, leaked } = this.#batch.answer;
    const { callIndex } = this.#clearance;
    return (
      doubts?.[callIndex] !== undefined ||
      barred?.[callIndex] !== undefined ||
      leaked?.includes(callIndex) === true
    );
  }

  /** Known at once where a `read` is among them, so that many reads do not wait for each other's word. */
  #mustFollow(other: ScheduledCall): boolean | Promise<boolean> {
    if (this.effect === 'destructive' || other.effect === 'destructive') return true;
    if (this.effect === 'read' || other.effect === 'read') return false;
    return this.#shares(other);
  }

  async #shares(other: ScheduledCall): Promise<boolean> {
    const [mine, theirs] = await Promise.all([this.cleared, other.cleared]);
    if (theirs?.type === 'call.end') return false;
    if (mine?.type !== 'call.start' || mine.locks === undefined) return true;
    return theirs?.locks === undefined || mine.locks.some((lock) => theirs.locks?.includes(lock));
  }

  async #runNow(
    scope: StepScope,
    start: CallStart | undefined,
    times: number,
  ): Promise<CallStart | CallEnd | CallPending> {
    const { answer, recorder, host, prefetch, tools } = this.#batch;
    if (!isRepeatable(tools.get(this.#call.function.name))) {
      const effect = worst(start?.effect ?? 'write', this.effect);
      if (scope.attempt > 1 && effect === 'destructive' && start !== undefined) {
        return askAgain(start, times);
      }
      if (scope.attempt > 1 && effect !== 'read')
        return this.#clearance.end('unknown', outcomeUnknown);
      // It was cleared before it had to stop: that it runs now must be known before it does.
      if (start !== undefined && effect !== 'read' && !this.#clearance.begun)
        return this.#clearance.begin(start);
    }
    if (scope.signal.aborted) return this.#clearance.end('aborted', notBegun);
    return this.#clearance.ifChecked(scope, async ({ tool, input, text }) => {
      const { callIndex: call, key } = this.#clearance;
      const early = await prefetch?.take(call, this.#call, await host.deadline?.leftMs());
      if (early !== undefined) return this.#clearance.ended(early);
      const isLate = !isRepeatable(tool) && (await host.deadline?.isUp());
      if (isLate) return this.#clearance.end('timeout', lateToBegin);
      if (start === undefined) host.sink.emit(this.#clearance.start(tool, input, text));
      const ref: CallRef = {
        runId: answer.runId,
        step: answer.step,
        call,
        callId: this.#call.id,
        idempotencyKey: `${recorder.runId}/${key}`,
        signal: scope.signal,
      };
      return this.#clearance.ended(await runCall(tool, input, ref, host));
    });
  }

  /** The same for calls that say the same, however they are written. */
  #signature(): string {
    const { name, arguments: text } = this.#call.function;
    return (this.#written ??= `${name} ${canonical(text)}`);
  }
}
