import type { ApproveCall } from './approve.ts';
import type { RepairCall } from './check.ts';
import { checkMessages } from './conversation.ts';
import { compact } from './compact.ts';
import type { Compaction } from './compact.ts';
import { ThroughlineError } from './error.ts';
import type { CallPending, LogEntry, RunEvent, RunResult, SuspendedRun } from './event.ts';
import { limit } from './limit.ts';
import type { Limit } from './limit.ts';
import { Listeners } from './listeners.ts';
import type { Listener } from './listeners.ts';
import { loop } from './loop.ts';
import type { Message } from './message.ts';
import type { JsonSchema, Model } from './model.ts';
import { planOutput, readOutput } from './output.ts';
import type { OutputPlan } from './output.ts';
import type { Plan, PrepareStep } from './plan.ts';
import { inProcess, stoppedAlsoBy } from './recorder.ts';
import type { Recorder } from './recorder.ts';
import { Run } from './run.ts';
import type { RunInside } from './run.ts';
import type { StandardSchema } from './schema.ts';
import { Slots } from './slots.ts';
import type { NestedRun, Plug, Tool } from './tool.ts';
import { toToolset, toolkitsOf } from './toolset.ts';

/** What an agent is made of. Only `model` is needed. */
export interface AgentOptions<Context = unknown, Output = undefined> {
  readonly model: Model;
  /** Said in events and logs. Default: `agent`. */
  readonly name?: string;
  /** The system message. */
  readonly instructions?: string;
  readonly tools?: readonly Plug<Context>[];
  /** Default: `[limit.steps(50)]`. */
  readonly limits?: readonly Limit[];
  /** The host's say on every call of every run. */
  readonly approve?: ApproveCall<Context>;
  /** May mend a call that cannot run, before the model is told. */
  readonly repairCall?: RepairCall;
  /** How many calls may run at once in one run. Default: no limit. */
  readonly maxParallelCalls?: number;
  /** Sent with each request, e.g. `{ max_completion_tokens: 4096 }`. The transport says what it takes. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Chooses what the model sees and may do in each step. */
  readonly prepareStep?: PrepareStep;
  /** How the history is kept in bounds. Default: old tool results are dropped once the endpoint says it is too long. */
  readonly compaction?: Compaction;
  /** The answer is an object of this schema, checked, as `result.output`. */
  readonly output?: StandardSchema<unknown, Output> | JsonSchema;
}

/** What one run may bring. */
export interface RunOptions<Context = unknown> {
  /** Aborts the run. `result` rejects with the signal's own reason. */
  readonly signal?: AbortSignal;
  /** The conversation so far, e.g. `result.messages` of the run before. */
  readonly history?: readonly Message[];
  /** Passed to each tool. Needed when the tools need it. */
  readonly context?: Context;
  /** They replace the agent's. */
  readonly limits?: readonly Limit[];
  /** Asked before the agent's own `approve`; `undefined` leaves it to that. */
  readonly approve?: ApproveCall<Context>;
  /** Where the run is recorded. Default: in this process. */
  readonly recorder?: Recorder;
  /** For a tool that runs an agent: the scope's `nested` makes that run a part of this one. */
  readonly nested?: NestedRun;
}

/** The options may be left out only where the tools need no context. */
export type RunArguments<Context> = unknown extends Context
  ? [options?: RunOptions<Context>]
  : [options: RunOptions<Context> & { readonly context: Context }];

/** A person's answer to a pending call. `hash` binds it to the call's name and arguments. */
export interface Decision {
  readonly callId: string;
  readonly hash: string;
  /** `true` runs the call; words refuse it, and the model reads them. */
  readonly decision: true | string;
}

/**
 * A model, some tools and a loop. An agent holds no conversation: its runs may overlap. Throws for tools that
 * share a name or are not well formed, and for limits that are none.
 */
export class Agent<Context = unknown, Output = undefined> {
  readonly name: string;
  readonly #options: AgentOptions<Context, Output>;
  readonly #output: OutputPlan | undefined;
  readonly #listeners = new Listeners();
  readonly #slots = new WeakMap<Tool, Slots>();

  constructor(options: AgentOptions<Context, Output>) {
    if (typeof options?.model?.stream !== 'function') {
      throw new ThroughlineError(
        'invalid_option',
        `The agent's model is ${String(options?.model)}, which has no stream method. Pass e.g. model: anyfast('kimi-k2.6').`,
      );
    }
    checkLimits(options.limits ?? []);
    this.#output = options.output === undefined ? undefined : planOutput(options.output);
    toToolset(plugsOf(options, this.#output)); // two tools of one name are found now, not in the middle of a run
    this.name = options.name ?? 'agent';
    this.#options = options;
  }

  /** Runs to the end. Rejects with a typed error, or with the abort's own reason. Never waits for a person. */
  async run(
    input: string | readonly Message[],
    ...[options]: RunArguments<Context>
  ): Promise<RunResult<Output>> {
    return this.#begin(toMessages(input), options ?? {}, { watched: false }).result;
  }

  /** Starts the same run and returns its handle at once. Throws `invalid_input` for what cannot be sent. */
  stream(input: string | readonly Message[], ...[options]: RunArguments<Context>): Run<Output> {
    return this.#begin(toMessages(input), options ?? {}, { watched: true });
  }

  /**
   * Takes up a suspended run with a person's decisions, in any process. What has run is not run again; a
   * call without a fitting decision is asked about again. `history` and `recorder` come with the run.
   */
  resume(
    suspended: SuspendedRun,
    options: Omit<RunOptions<Context>, 'history' | 'recorder' | 'nested'> & {
      readonly decisions: readonly Decision[];
    },
  ): Run<Output> {
    if (suspended?.version !== 1) {
      throw new ThroughlineError(
        'invalid_input',
        `A suspended run of version ${String(suspended?.version)} cannot be resumed: this release reads version 1.`,
      );
    }
    const { history } = suspended;
    return this.#begin([], { ...options, history }, { ...options, watched: true, suspended });
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
      readonly suspended?: SuspendedRun;
      readonly decisions?: readonly Decision[];
    },
  ): Run<Output> {
    const { history = [], signal, limits, nested } = options;
    const given = options.recorder ?? nested?.recorder();
    checkMessages(history, 'history');
    checkLimits(limits ?? []);
    const runId = how.suspended?.runId ?? given?.runId ?? crypto.randomUUID();
    const log: LogEntry[] | undefined = given ? undefined : [...(how.suspended?.log ?? [])];
    const decisions = how.decisions ?? [];
    const output = this.#output;
    return new Run<Output>({
      runId,
      history,
      log,
      signal,
      parent: nested,
      watched: how.watched,
      agentListeners: this.#listeners,
      readOutput: output && ((json) => readOutput<Output>(output, json)),
      begin: (inside) => {
        const decide = async (pending: CallPending) => {
          const { callId, hash } = pending;
          const fitting = decisions.find((one) => one.callId === callId && one.hash === hash);
          return fitting?.decision ?? inside.decide(pending);
        };
        const recorder = given
          ? stoppedAlsoBy(inside.signal, given)
          : inProcess({
              runId,
              signal: inside.signal,
              decide,
              ...(log === undefined ? {} : { log }),
            });
        return loop(this.#plan(input, options, recorder, inside), recorder, inside.telling);
      },
    });
  }

  #plan(
    input: readonly Message[],
    options: RunOptions<Context>,
    recorder: Recorder,
    { signal, telling, inbox }: RunInside,
  ): Plan {
    const { model, parameters, prepareStep, compaction, maxParallelCalls } = this.#options;
    const tools = plugsOf(this.#options, this.#output);
    const kits = toolkitsOf(tools).map(({ instructions }) => instructions);
    const words = [this.#options.instructions, ...kits, this.#output?.instructions];
    return {
      agent: this.name,
      model,
      history: options.history ?? [],
      input,
      inbox,
      tools,
      parameters,
      prepareStep,
      signal,
      output: this.#output,
      compaction: compaction ?? { shorten: compact.dropToolResults() },
      instructions: words.filter(Boolean).join('\n\n'),
      limits: options.limits ?? this.#options.limits ?? [limit.steps(50)],
      host: {
        telling,
        recorder,
        repairCall: this.#options.repairCall,
        context: options.context,
        approve: bothApprove(options.approve, this.#options.approve),
        slots: maxParallelCalls === undefined ? undefined : new Slots(maxParallelCalls),
        slotsOf: (tool: Tool) => this.#slotsOf(tool),
      },
    };
  }

  #slotsOf(tool: Tool): Slots | undefined {
    if (tool.maxParallelCalls === undefined) return undefined;
    const slots = this.#slots.get(tool) ?? new Slots(tool.maxParallelCalls);
    this.#slots.set(tool, slots);
    return slots;
  }
}

function plugsOf(
  { tools = [] }: Pick<AgentOptions<never>, 'tools'>,
  output: OutputPlan | undefined,
): readonly Plug[] {
  return output === undefined ? tools : [...tools, output.tool];
}

function bothApprove<Context>(
  ofRun: ApproveCall<Context> | undefined,
  ofAgent: ApproveCall<Context> | undefined,
): ApproveCall<Context> | undefined {
  if (ofRun === undefined || ofAgent === undefined) return ofRun ?? ofAgent;
  return async (call, scope) => (await ofRun(call, scope)) ?? ofAgent(call, scope);
}

function toMessages(input: string | readonly Message[]): readonly Message[] {
  if (typeof input !== 'string') {
    checkMessages(input, 'input');
    if (input.length > 0) return input;
  } else if (input.trim() !== '') return [{ role: 'user', content: input }];
  throw new ThroughlineError(
    'invalid_input',
    `The input is empty (${JSON.stringify(input)}). Pass a question, or at least one message.`,
  );
}

function checkLimits(limits: readonly Limit[]): void {
  for (const one of limits) {
    if (typeof one?.read === 'function') continue;
    throw new ThroughlineError(
      'invalid_option',
      `Among the limits stands ${JSON.stringify(one)}, which is none. Take one of limit, e.g. limit.steps(20).`,
    );
  }
}
