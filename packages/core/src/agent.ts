import type { ApproveCall } from './approve.ts';
import type { RepairCall } from './check.ts';
import { checkMessages } from './conversation.ts';
import { ThroughlineError } from './error.ts';
import type { LogEntry, RunEvent, RunResult, SuspendedRun } from './event.ts';
import { limit } from './limit.ts';
import type { Limit } from './limit.ts';
import { Listeners } from './listeners.ts';
import type { Listener } from './listeners.ts';
import { loop } from './loop.ts';
import type { Message } from './message.ts';
import type { Model } from './model.ts';
import { inProcess } from './recorder.ts';
import type { Recorder } from './recorder.ts';
import { Run } from './run.ts';
import type { RunInside } from './run.ts';
import { Slots } from './slots.ts';
import type { Plug, Tool } from './tool.ts';
import { toToolset, toolkitsOf } from './toolset.ts';

/** What an agent is made of. Only `model` is needed. */
export interface AgentOptions<Context = unknown> {
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
export class Agent<Context = unknown> {
  readonly name: string;
  readonly #options: AgentOptions<Context>;
  readonly #listeners = new Listeners();
  readonly #slots = new WeakMap<Tool, Slots>();

  constructor(options: AgentOptions<Context>) {
    if (typeof options?.model?.stream !== 'function') {
      throw new ThroughlineError(
        'invalid_option',
        `The agent's model is ${String(options?.model)}, which has no stream method. Pass e.g. model: anyfast('kimi-k2.6').`,
      );
    }
    checkLimits(options.limits ?? []);
    toToolset(options.tools ?? []); // two tools of one name are found now, not in the middle of a run
    this.name = options.name ?? 'agent';
    this.#options = options;
  }

  /** Runs to the end. Rejects with a typed error, or with the abort's own reason. Never waits for a person. */
  async run(
    input: string | readonly Message[],
    ...[options]: RunArguments<Context>
  ): Promise<RunResult> {
    return this.#begin(toMessages(input), options ?? {}, { watched: false }).result;
  }

  /** Starts the same run and returns its handle at once. Throws `invalid_input` for what cannot be sent. */
  stream(input: string | readonly Message[], ...[options]: RunArguments<Context>): Run {
    return this.#begin(toMessages(input), options ?? {}, { watched: true });
  }

  /**
   * Takes up a suspended run with a person's decisions, in any process. What has run is not run again; a
   * call without a fitting decision is asked about again. `history` and `recorder` come with the run.
   */
  resume(
    suspended: SuspendedRun,
    options: Omit<RunOptions<Context>, 'history' | 'recorder'> & {
      readonly decisions: readonly Decision[];
    },
  ): Run {
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
  ): Run {
    const { history = [], signal, limits, recorder: given } = options;
    checkMessages(history, 'history');
    checkLimits(limits ?? []);
    const runId = how.suspended?.runId ?? given?.runId ?? crypto.randomUUID();
    const log: LogEntry[] = [...(how.suspended?.log ?? [])];
    const decisions = how.decisions ?? [];
    return new Run({
      runId,
      history,
      log,
      signal,
      watched: how.watched,
      agentListeners: this.#listeners,
      begin: (inside) => {
        const recorder =
          given ??
          inProcess({
            runId,
            log,
            signal: inside.signal,
            decide: async (pending) => {
              const { callId, hash } = pending;
              const fitting = decisions.find((one) => one.callId === callId && one.hash === hash);
              return fitting?.decision ?? inside.decide(pending);
            },
          });
        return loop(this.#plan(input, history, options, inside), recorder, inside.telling);
      },
    });
  }

  #plan(
    input: readonly Message[],
    history: readonly Message[],
    options: RunOptions<Context>,
    { signal, telling, inbox }: RunInside,
  ) {
    const { model, tools = [], parameters, repairCall, maxParallelCalls } = this.#options;
    const kits = toolkitsOf(tools).map(({ instructions }) => instructions);
    return {
      agent: this.name,
      model,
      history,
      input,
      inbox,
      tools,
      parameters,
      signal,
      instructions: [this.#options.instructions, ...kits].filter(Boolean).join('\n\n'),
      limits: options.limits ?? this.#options.limits ?? [limit.steps(50)],
      host: {
        telling,
        repairCall,
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
