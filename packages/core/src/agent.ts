import { checkFunctions, checkOptions } from './base/check-options.ts';
import type { Decision } from './base/decision.ts';
import type { RunEvent } from './base/event.ts';
import type { Message } from './base/message.ts';
import type { Model } from './base/model.ts';
import type { RunResult, SuspendedRun } from './base/run-result.ts';
import { aroundInTurn } from './calls/around-call.ts';
import { approveInTurn, approveWithin } from './calls/approve.ts';
import { Semaphore } from './calls/semaphore.ts';
import type { HeldSemaphores } from './calls/semaphore.ts';
import { checkMessages, toMessages } from './history/check-messages.ts';
import { compact } from './history/compact.ts';
import { repeats, steps } from './limits/limit.ts';
import { handsOver } from './loop/run-config.ts';
import type { RunConfig, Handover } from './loop/run-config.ts';
import { planOutput, readOutput, repairOthers } from './loop/output-plan.ts';
import type { OutputPlan } from './loop/output-plan.ts';
import {
  checkAgentOptions,
  checkAgentToolOptions,
  checkResumeOptions,
  checkRunOptions,
} from './options.ts';
import type {
  AgentOptions,
  AgentToolOptions,
  CallDecision,
  ResumeOptions,
  RunArguments,
  RunOptions,
} from './options.ts';
import type { Recorder } from './record/recorder.ts';
import type { Session } from './record/session.ts';
import { Run } from './run.ts';
import type { RunInside } from './run.ts';
import { Listeners } from './run/listeners.ts';
import type { Listener } from './run/listeners.ts';
import { checkResume, runRecord } from './run/run-record.ts';
import type { ResumeFrom } from './run/run-record.ts';
import { decideInTurn } from './run/waiting-calls.ts';
import { taskSchema } from './tool/task-schema.ts';
import { tool, mayRepeat } from './tool/tool.ts';
import type { AroundCall, CallScope, Plug, Tool } from './tool/tool.ts';
import { toToolset, toolkitsOf } from './tool/toolset.ts';

/** The context that all of these tools need together. */
type ContextOf<Plugs extends readonly Plug[]> = Plugs extends readonly Plug<infer Context>[]
  ? Context
  : never;

/** How an agent is made. The second form infers one context from tools that need different ones. */
interface AgentConstructor {
  new <Context = unknown, Output = undefined>(
    options: AgentOptions<Context, Output>,
  ): Agent<Context, Output>;
  // The two parameters that mean nothing keep this form out of `new Agent<Context, Output>` and `extends Agent<Context, Output>`.
  new <const Plugs extends readonly Plug[], _1 extends true, _2 extends true, Output = undefined>(
    options: Omit<AgentOptions<ContextOf<Plugs>, Output>, 'tools'> & { readonly tools: Plugs },
  ): Agent<ContextOf<Plugs>, Output>;
}

/**
 * A model, some tools and a loop. An agent holds no conversation: its runs may overlap. Throws for tools that
 * share a name or are not well formed, and for limits that are none.
 */
class AgentDoor<Context = unknown, Output = undefined> {
  readonly name: string;
  /** The model it asks, where `prepareStep` names no other. */
  readonly model: Model;
  readonly #options: AgentOptions<Context, Output>;
  readonly #output: OutputPlan | undefined;
  readonly #listeners = new Listeners();
  readonly #semaphore: Semaphore | undefined;
  #around: AroundCall | undefined;
  readonly #semaphores = new WeakMap<Tool, Semaphore>();

  constructor(options: AgentOptions<Context, Output>) {
    checkAgentOptions(options);
    this.#output = options.output === undefined ? undefined : planOutput(options.output);
    const { tools = [] } = options;
    toToolset(this.#output === undefined ? tools : [...tools, this.#output.tool]); // two tools of one name are found now, not in the middle of a run
    const { maxParallelCalls: most } = options;
    this.#semaphore = most === undefined ? undefined : new Semaphore(most);
    this.name = options.name ?? 'agent';
    this.model = options.model;
    this.#options = options;
  }

  /** The tools as they are now, those of its toolkits too. A toolkit may change between two steps. */
  get tools(): readonly Tool[] {
    return [...toToolset(this.#options.tools ?? []).tools.values()];
  }

  /** Runs to the end. Rejects with a typed error, or with the abort's own reason. Never waits for a person. */
  async run(
    input: string | readonly Message[],
    ...[options]: RunArguments<Context>
  ): Promise<RunResult<Output>> {
    checkRunOptions('agent.run()', options ?? {});
    return this.#begin(toMessages(input), options ?? {}, { watched: false }).result;
  }

  /** Starts the same run and returns its handle at once. Throws `invalid_input` for what cannot be sent. */
  stream(input: string | readonly Message[], ...[options]: RunArguments<Context>): Run<Output> {
    checkRunOptions('agent.stream()', options ?? {});
    return this.#begin(toMessages(input), options ?? {}, { watched: true });
  }

  /**
   * Resumes a run, in any process: a suspended one with a person's decisions, or the last one of a session,
   * be it suspended, cut by a crash, failed or aborted. What has ended is not done again. Of the calls that a
   * crash cut, a `read` runs again, a `write` is told to the model as of unknown outcome, and a person is
   * asked about a `destructive` one. Throws `nothing_to_resume` where the session's last run has ended.
   */
  resume(
    from: SuspendedRun,
    options: ResumeOptions<Context> & { readonly decisions: readonly CallDecision[] },
  ): Run<Output>;
  resume(
    from: Session,
    ...[options]: unknown extends Context
      ? [options?: ResumeOptions<Context>]
      : [optionsWithContext: ResumeOptions<Context> & { readonly context: Context }]
  ): Run<Output>;
  resume(from: ResumeFrom, options: ResumeOptions<Context> = {}): Run<Output> {
    checkResumeOptions(options);
    const decisions = checkResume(from, options.decisions ?? []);
    return this.#begin([], options, { watched: true, from, decisions });
  }

  /**
   * This agent as a tool of another: given a task as text, it runs and returns its answer. Its run is recorded
   * under the call, its events are told as `call.event`, its usage counts for the outer run, an abort reaches it.
   */
  asTool(about: AgentToolOptions): Tool<Context> {
    checkAgentToolOptions(about);
    const made = tool({
      name: about.name,
      description: about.description,
      inputSchema: taskSchema('The task, with all that is needed to do it.'),
      locks: () => [], // several may run at once
      execute: async ({ task }, scope: CallScope<Context>) => {
        const limits = about.limits === undefined ? {} : { limits: about.limits };
        const { output, text } = await scope.run(this, String(task), limits);
        return output ?? text;
      },
    });
    return mayRepeat(made);
  }

  /** A tool that hands the conversation over: once it is called, the run goes on as this agent. */
  asHandover(about: Omit<AgentToolOptions, 'limits'>): Tool<Context> {
    checkOptions('agent.asHandover()', about, { name: true, description: true });
    const made = tool({
      name: about.name,
      description: about.description,
      inputSchema: taskSchema('Why, and what is left to do.'),
      execute: () => `The conversation is now with ${this.name}.`,
    });
    handsOver(made, () => this.#handover());
    return mayRepeat(made);
  }

  /** Calls `listener` for each event of this type, of every run. */
  on<T extends RunEvent['type']>(type: T, listener: Listener<T>): this {
    this.#listeners.on(type, listener);
    return this;
  }

  off<T extends RunEvent['type']>(type: T, listener: Listener<T>): this {
    this.#listeners.off(type, listener);
    return this;
  }

  /** Has `around` stand around each call of every run from now on, inside those given before. See `AroundCall`. */
  aroundCalls(around: AroundCall): this {
    checkFunctions('agent.aroundCalls()', { around });
    this.#around = aroundInTurn(this.#around, around);
    return this;
  }

  /** Disposes of the toolkits. Every one is tried; rejects with the first failure. */
  async dispose(): Promise<void> {
    const kits = toolkitsOf(this.#options.tools ?? []);
    const settled = await Promise.allSettled(kits.map(async (kit) => kit.dispose?.()));
    const failed = settled.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #begin(
    input: readonly Message[],
    options: RunOptions<Context>,
    how: {
      readonly watched: boolean;
      readonly from?: ResumeFrom;
      readonly decisions?: Map<string, Decision>;
    },
  ): Run<Output> {
    checkMessages(options.history ?? [], 'history');
    const own = this.#handover(); // a toolkit of the host may throw: a session is taken only after that
    const record = runRecord(options, how.from);
    const output = this.#output;
    const run = new Run<Output>({
      record,
      signal: options.signal ?? options.nested?.signal,
      parent: options.nested,
      watched: how.watched,
      agentListeners: this.#listeners,
      decide: decideInTurn(how.decisions, [options.decide, this.#options.decide]),
      readOutput: output && ((json) => readOutput<Output>(output, json)),
    });
    const { sink, inbox, decide, ...patience } = Run.inside(run);
    const { signal: stop } = patience;
    const recorder = record.recorder(patience, decide);
    const { history: before, asked } = record;
    const inside = { signal: stop, sink, inbox, recorder, history: before, asked };
    return Run.start(run, this.#config(own, input, options, inside));
  }

  #config(
    own: Handover,
    input: readonly Message[],
    options: RunOptions<Context>,
    inside: Pick<RunInside, 'signal' | 'sink' | 'inbox'> &
      Pick<RunConfig, 'history' | 'asked'> & { readonly recorder: Recorder },
  ): RunConfig {
    const { signal, sink, inbox, recorder, history, asked } = inside;
    const output = this.#output;
    return {
      history,
      asked,
      input,
      inbox,
      signal,
      output,
      limits: options.limits ?? this.#options.limits ?? [steps(50), repeats()],
      callsPerAnswer: this.#options.maxCallsPerAnswer,
      host: {
        sink,
        recorder,
        repairCall: repairOthers(output, this.#options.repairCall),
        context: options.context,
        approve: approveWithin(
          options.nested?.approve,
          approveInTurn(options.approve, this.#options.approve),
        ),
        around: aroundInTurn(options.nested?.around, this.#around),
        semaphore: this.#semaphore,
        held: options.nested?.held as HeldSemaphores | undefined,
        semaphoreOf: (tool: Tool) => this.#semaphoreOf(tool),
        deadline: undefined, // of each step: a copy that overwrites keeps its shape
      },
      ...own, // not first: what is copied and then grows has a new shape each time
      tools: output === undefined ? own.tools : [...own.tools, output.tool],
      instructions: [own.instructions, output?.instructions].filter(Boolean).join('\n\n'),
    };
  }

  #handover(): Handover {
    const { model, instructions, tools = [], parameters, prepareStep, compaction } = this.#options;
    const words = [instructions, ...toolkitsOf(tools).map((kit) => kit.instructions)];
    return {
      agent: this.name,
      model,
      tools,
      parameters,
      prepareStep,
      instructions: words.filter(Boolean).join('\n\n'),
      compaction: compaction ?? { shorten: compact.dropToolResults() },
    };
  }

  #semaphoreOf(tool: Tool): Semaphore | undefined {
    if (tool.maxParallelCalls === undefined) return undefined;
    const semaphore = this.#semaphores.get(tool) ?? new Semaphore(tool.maxParallelCalls);
    this.#semaphores.set(tool, semaphore);
    return semaphore;
  }
}

/** See `AgentDoor`. */
export interface Agent<Context = unknown, Output = undefined> extends AgentDoor<Context, Output> {}
export const Agent: AgentConstructor = AgentDoor;

/** Any agent, whatever context its tools need and whatever it gives. */
export interface AnyAgent {
  readonly name: string;
  readonly model: Model;
  /** To be called with the options that this agent's tools need. */
  run(input: string | readonly Message[], options: never): Promise<RunResult<unknown>>;
  stream(input: string | readonly Message[], options: never): Run<unknown>;
  asTool(about: AgentToolOptions): Tool;
  aroundCalls(around: AroundCall): unknown;
  asHandover(about: Omit<AgentToolOptions, 'limits'>): Tool;
  on<T extends RunEvent['type']>(type: T, listener: Listener<T>): unknown;
  off<T extends RunEvent['type']>(type: T, listener: Listener<T>): unknown;
  dispose(): Promise<void>;
}
