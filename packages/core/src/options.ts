import { checkOptions, shown, checkFunctions } from './base/check-options.ts';
import { wordsOf, ThroughlineError } from './base/error.ts';
import type { Message } from './base/message.ts';
import type { JsonSchema, Model } from './base/model.ts';
import type { ApproveCall } from './calls/approve.ts';
import type { RepairCall } from './calls/check.ts';
import type { Compaction } from './history/compaction.ts';
import type { Limit } from './limits/limit.ts';
import type { PrepareStep } from './loop/prepare-step.ts';
import type { Recorder } from './record/recorder.ts';
import type { Session } from './record/session.ts';
import type { StandardSchema } from './tool/schema/schema.ts';
import type { NestedRun, Plug } from './tool/tool.ts';

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
  /** How many calls may run at once, over all runs of the agent. Default: no limit. */
  readonly maxParallelCalls?: number;
  /** An answer that makes more calls is asked for again, and then fails with `answer_too_large`. Default: 256. */
  readonly maxCallsPerAnswer?: number;
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
  /** The stored conversation that this run continues and is recorded in. Instead of `history`. */
  readonly session?: Session;
  /**
   * What to do when the session's last run was cut or waits for a person: `refuse` (the default) throws
   * `unfinished_run`; `leave` goes on without its end, and the model reads that its open calls have no result.
   */
  readonly unfinished?: 'refuse' | 'leave';
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

/** What may be passed when a run goes on: where it is recorded, and what was said before, is settled. */
export type ResumeOptions<Context = unknown> = Omit<
  RunOptions<Context>,
  'history' | 'recorder' | 'nested' | 'session' | 'unfinished'
> & {
  /** On the calls that wait. A call without a fitting one is asked about again. */
  readonly decisions?: readonly Decision[];
};

/** How an agent looks to the model that may call it. */
export interface AgentToolOptions {
  readonly name: string;
  readonly description: string;
  /** They replace the agent's own for each call. */
  readonly limits?: readonly Limit[];
}

/** A person's answer to a pending call. `hash` binds it to the call's name and arguments. */
export interface Decision {
  readonly callId: string;
  readonly hash: string;
  /** `true` runs the call; `false` or words refuse it, and the model reads them. */
  readonly decision: boolean | string;
}
/** Throws `invalid_option` for an option of an agent that does not exist or cannot be what it is. */
export function checkAgentOptions(options: AgentOptions<never, unknown>): void {
  const where = 'new Agent()';
  checkOptions(where, options, known);
  const { model, name, instructions, tools = [], limits = [], compaction } = options;
  if (typeof model?.stream !== 'function') {
    throw invalid(
      `The agent's model is ${shown(model)}, which has no stream method. Pass e.g. model: anyfast('kimi-k2.6').`,
    );
  }
  for (const [option, value] of Object.entries({ name, instructions })) {
    if (value === undefined || typeof value === 'string') continue;
    throw invalid(`${where}: ${option} is ${shown(value)}, but it must be a text.`);
  }
  if (!Array.isArray(tools)) throw notList(where, 'tools', tools);
  checkLimits(where, limits);
  const { approve, repairCall, prepareStep, parameters, maxCallsPerAnswer = 1 } = options;
  if (!Number.isInteger(maxCallsPerAnswer) || maxCallsPerAnswer < 1) {
    throw invalid(
      `${where}: maxCallsPerAnswer is ${shown(maxCallsPerAnswer)}, but it must be a whole number from 1.`,
    );
  }
  checkFunctions(where, { approve, repairCall, prepareStep });
  checkParameters(where, parameters);
  if (compaction !== undefined && typeof compaction?.shorten !== 'function') {
    throw invalid(
      `${where}: compaction is ${shown(compaction)}. Pass e.g. compaction: { atTokens: 100_000, shorten: compact.summarise() }.`,
    );
  }
}
/** The same for the options of one run. `where` is the method they were given to. */
export function checkRunOptions<Context>(where: string, options: RunOptions<Context>): void {
  checkOptions(where, options, knownOfRun);
  checkGiven(where, options);
  const { unfinished = 'refuse', recorder, nested } = options;
  if (unfinished !== 'refuse' && unfinished !== 'leave') {
    throw invalid(`${where}: unfinished is ${shown(unfinished)}; it is "refuse" or "leave".`);
  }
  if (recorder !== undefined) checkFunctions(`${where}: recorder`, { step: recorder.step ?? null });
  if (nested !== undefined)
    checkFunctions(`${where}: nested`, { recorder: nested.recorder ?? null });
}
/** The same for the options with which a run is taken up. */
export function checkResumeOptions<Context>(options: ResumeOptions<Context>): void {
  const where = 'agent.resume()';
  checkOptions(where, options, knownOfResume);
  checkGiven(where, options);
  const { decisions = [] } = options;
  if (!Array.isArray(decisions)) throw notList(where, 'decisions', decisions);
}
function checkGiven<Context>(where: string, options: ResumeOptions<Context>): void {
  const { limits = [], signal, approve } = options;
  checkLimits(where, limits);
  checkFunctions(where, { approve });
  if (signal === undefined || typeof signal?.addEventListener === 'function') return;
  throw invalid(
    `The signal is ${wordsOf(signal)}, which is no AbortSignal. Pass e.g. signal: controller.signal.`,
  );
}
/** Throws `invalid_option` for what is no list of limits. */
export function checkLimits(where: string, limits: readonly Limit[]): void {
  if (!Array.isArray(limits)) throw notList(where, 'limits', limits);
  for (const one of limits) {
    if (typeof one?.read === 'function') continue;
    throw invalid(
      `Among the limits stands ${shown(one)}, which is none. Take one of limit, e.g. limit.steps(20).`,
    );
  }
}
function checkParameters(where: string, parameters: unknown): void {
  if (parameters === undefined) return;
  if (typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters)) return;
  throw invalid(`${where}: parameters is ${shown(parameters)}, but it must be an object.`);
}
function notList(where: string, option: string, value: unknown): ThroughlineError {
  return invalid(
    `${where}: ${option} is ${shown(value)}, but it must be a list: ${option}: [ … ].`,
  );
}
function invalid(words: string): ThroughlineError {
  return new ThroughlineError('invalid_option', words);
}
const known: Readonly<Record<keyof AgentOptions, true>> = {
  model: true,
  name: true,
  instructions: true,
  tools: true,
  limits: true,
  approve: true,
  repairCall: true,
  maxParallelCalls: true,
  maxCallsPerAnswer: true,
  parameters: true,
  prepareStep: true,
  compaction: true,
  output: true,
};
const knownOfRun: Readonly<Record<keyof RunOptions, true>> = {
  signal: true,
  history: true,
  session: true,
  unfinished: true,
  context: true,
  limits: true,
  approve: true,
  recorder: true,
  nested: true,
};
const knownOfResume: Readonly<Record<keyof ResumeOptions, true>> = {
  signal: true,
  context: true,
  limits: true,
  approve: true,
  decisions: true,
};
