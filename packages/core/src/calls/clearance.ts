import { orAborted, TimeUp, within } from '../base/abort.ts';
import type { Decision } from '../base/decision.ts';
import { ThroughlineError, wordsOf } from '../base/error.ts';
import type { CallEnd, CallOutcome, CallPending, CallStart } from '../base/event.ts';
import type { ToolCall } from '../base/message.ts';
import type { Writable } from '../base/writable.ts';
import { Suspension } from '../record/recorder.ts';
import type { StepScope } from '../record/recorder.ts';
import type { Tool } from '../tool/tool.ts';
import { askApproval } from './approve.ts';
import type { ApproveCall } from './approve.ts';
import type { CallBatch } from './call-batch.ts';
import { checkCall } from './check-call.ts';
import type { Checked, SoundCall } from './check-call.ts';
import { lateToBegin, notBegun } from './not-begun.ts';
import { notRun } from './not-run.ts';
import { unaskedCall } from './refused-call.ts';
import type { Invoked } from './run-tool.ts';
import { decisionId } from './unknown-outcome.ts';

type Cleared = CallStart | CallEnd | CallPending;

/**
 * Whether one call may run: it is checked, approved, and its start is recorded. Makes the events of the call.
 * It does not know the other calls of the answer: when the call runs is the affair of `ScheduledCall`.
 */
export class Clearance {
  /** The call's place in its answer, counted from 1. */
  readonly callIndex: number;
  readonly key: string;
  /** Whether this process recorded the start, so that nobody else can have begun. */
  begun = false;
  readonly #call: ToolCall;
  readonly #batch: CallBatch;
  /** What the schema made of the arguments, when that was found out in this process. */
  #checked: Promise<Checked> | undefined;

  constructor(call: ToolCall, callIndex: number, batch: CallBatch) {
    this.callIndex = callIndex;
    this.key = `${batch.answer.step}/call/${callIndex}`;
    this.#call = call;
    this.#batch = batch;
  }

  async clear(): Promise<CallStart | CallEnd> {
    const { settle, recorder, host } = this.#batch;
    let event = await settle(`${this.key}/start`, (scope) => this.#decide(scope));
    for (let times = 1; event.type === 'call.pending'; times++) {
      const suffix = times === 1 ? '' : `/${times}`;
      const asked = event;
      const answer = await recorder.gate(`${this.key}/decision${suffix}`, asked);
      host.sink.emit(answer);
      event = await settle(`${this.key}/decided${suffix}`, (scope) =>
        this.#follow(scope, answer.decision, asked),
      );
    }
    return event;
  }

  /** May this call run? Its start, its end in words, or the question to a person. */
  #decide(scope: StepScope): Promise<Cleared> {
    const { approve } = this.#batch.host;
    return this.ifChecked<Cleared>(scope, (call, signal) =>
      this.#ifAllowed(call, signal, approve, () => this.#pending(call.tool, call.text)),
    );
  }

  /** The start of a call that tool and host allow, its end in words where one refuses; else what `onAsk` makes of the question. */
  async #ifAllowed<E>(
    { tool, input, text }: SoundCall,
    signal: AbortSignal,
    approve: ApproveCall<never> | undefined,
    onAsk: (start: () => CallStart) => E | Promise<E>,
  ): Promise<CallStart | CallEnd | E> {
    const { host, recorder } = this.#batch;
    const idempotencyKey = `${recorder.runId}/${this.key}`;
    const about = { signal, context: host.context as never, callId: this.#call.id, idempotencyKey };
    let approval: Decision | 'ask';
    try {
      approval = await orAborted(signal, askApproval(tool, input, about, approve));
    } catch (error) {
      if (signal.aborted || isInvalidDecision(error)) throw error;
      return this.end('refused', unaskedCall(wordsOf(error)));
    }
    const start = () => this.start(tool, input, text);
    if (approval === 'ask') return onAsk(start);
    return approval.approve ? start() : this.notRun(approval);
  }

  /** A person decided, days ago perhaps: a call that is not what they were shown is asked about again, and the tool may refuse it by now. */
  async #follow(scope: StepScope, decision: Decision, asked: CallPending): Promise<Cleared> {
    if (!decision.approve) return this.notRun(decision);
    return this.ifChecked<Cleared>(scope, async (call, signal) => {
      const now = await this.#pending(call.tool, call.text);
      if (now.id !== asked.id) return now;
      return this.#ifAllowed(call, signal, undefined, (start) => start());
    });
  }

  /** A person decided on a call that may have run already. */
  async beginAgain(scope: StepScope, decision: Decision, start: CallStart) {
    if (!decision.approve) return this.notRun(decision);
    const event = await this.ifChecked(scope, (call, signal) =>
      this.#ifAllowed(call, signal, undefined, () => start),
    );
    return event.type === 'call.end' ? event : this.begin(start);
  }

  /** Does `work` with a call that is complete and valid, and the run's time; one that is not has its end. */
  async ifChecked<E>(
    scope: StepScope,
    work: (call: SoundCall, signal: AbortSignal) => Promise<E>,
  ): Promise<E | CallEnd> {
    const { host } = this.#batch;
    const leaving = host.deadline?.leftMs();
    const leftMs = leaving && (await leaving);
    const { signal, release } = within(scope.signal, leftMs);
    try {
      this.#checked ??= this.#check();
      const checked = await orAborted(signal, this.#checked);
      if (checked.reason !== undefined) return this.end('doubtful', checked.reason);
      return await work(checked, signal);
    } catch (error) {
      if (error instanceof Suspension || isInvalidDecision(error)) throw error;
      if (scope.signal.aborted) return this.end('aborted', notBegun);
      if (signal.reason instanceof TimeUp) return this.end('timeout', lateToBegin);
      const cause = wordsOf(error);
      return this.end('doubtful', `This call did not run: it could not be checked (${cause}).`);
    } finally {
      release();
    }
  }

  async #check(): Promise<Checked> {
    const { host, tools, answer, prefetch } = this.#batch;
    const placed = { call: this.#call, callIndex: this.callIndex, answer };
    const known = prefetch?.soundOf(this.callIndex, this.#call);
    const checked = await checkCall(placed, tools, host.repairCall, known);
    if (checked.reason === undefined && checked.repaired !== undefined) {
      const { runId, step } = answer;
      const message = `Call ${this.callIndex}: ${checked.repaired}.`;
      host.sink.emit({ type: 'warning', runId, step, message });
    }
    return checked;
  }

  about() {
    const { runId, step } = this.#batch.answer;
    return { runId, step, call: this.callIndex, callId: this.#call.id };
  }

  start(tool: Tool, input: unknown, text: string): CallStart {
    const { name, effect } = tool;
    const locks = effect === 'write' ? tool.locks?.(input) : undefined;
    const held = locks === undefined ? {} : { locks: locks.map(String) };
    return this.begin({
      type: 'call.start',
      ...this.about(),
      name,
      effect,
      arguments: text,
      ...held,
    });
  }

  /** The start is recorded by this process, so nobody else can have begun. */
  begin(start: CallStart): CallStart {
    this.begun = true;
    return { ...start };
  }

  async #pending({ name, effect }: Tool, text: string): Promise<CallPending> {
    const about = { ...this.about(), name };
    const id = await decisionId(about, text);
    return { type: 'call.pending', ...about, effect, arguments: text, id };
  }

  /** The end of a call that a decision keeps from running. */
  notRun(decision: Exclude<Decision, { approve: true }>): CallEnd {
    return this.ended(notRun(decision));
  }

  end(outcome: CallOutcome, content: string): CallEnd {
    return this.ended({ outcome, content });
  }

  ended({ outcome, content, output, usage }: Invoked): CallEnd {
    const { runId, step } = this.#batch.answer;
    const { id, function: named } = this.#call;
    const end: Writable<CallEnd> = {
      type: 'call.end',
      runId,
      step,
      call: this.callIndex,
      callId: id,
      name: named.name,
      outcome,
      message: { role: 'tool', tool_call_id: id, content },
    };
    if (output !== undefined) end.output = output;
    if (usage !== undefined) end.usage = usage;
    return end;
  }
}

/** A mistake in the host's program, which the model could not mend. */
function isInvalidDecision(error: unknown): boolean {
  return error instanceof ThroughlineError && error.code === 'invalid_decision';
}
