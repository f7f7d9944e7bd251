import { checkOptions, shown } from './base/check-options.ts';
import type { Decision } from './base/decision.ts';
import { ThroughlineError } from './base/error.ts';
import type { CallPending } from './base/event.ts';
import type { Message } from './base/message.ts';
import type { JsonSchema, Model } from './base/model.ts';
import type { ApproveCall } from './calls/approve.ts';
import type { RepairCall } from './calls/check-call.ts';
import type { Compaction } from './history/shorten.ts';
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
  /** Default: `[limit.steps(50), limit.repeats()]`. */
  readonly limits?: readonly Limit[];
  /** The host's say on every call of every run. */
  readonly approve?: ApproveCall<Context>;
  /** Decides the calls that wait for a person, in every run. See `DecideCall`. */
  readonly decide?: DecideCall;
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
  /** Decides the calls that wait for a person; asked before the agent's own `decide`. */
  readonly decide?: DecideCall;
  /** Where the run is recorded. Default: in this process. */
  readonly recorder?: Recorder;
  /** For a tool that runs an agent: the scope's `nested` makes that run a part of this one. */
  readonly nested?: NestedRun;
}

/** The options may be left out where the tools need no context, and where nobody knows what they need (`Tool[]`). */
export type RunArguments<Context> = [Context] extends [never]
  ? [options?: RunOptions<Context>]
  : unknown extends Context
    ? [options?: RunOptions<Context>]
    : [optionsWithContext: RunOptions<Context> & { readonly context: Context }];

/** What may be passed when a run goes on: where it is recorded, and what was said before, is settled. */
export type ResumeOptions<Context = unknown> = Omit<
  RunOptions<Context>,
  'history' | 'recorder' | 'nested' | 'session' | 'unfinished'
> & {
  /** On the calls that wait. A call without a fitting one is asked about again. */
  readonly decisions?: readonly CallDecision[];
};

/** How an agent looks to the model that may call it. */
export interface AgentToolOptions {
  readonly name: string;
  readonly description: string;
  /** They replace the agent's own for each call. */
  readonly limits?: readonly Limit[];
}

/** A decision, and the `id` of the `call.pending` that it decides. */
export type CallDecision = Decision & { readonly id: string };

/**
 * Decides a call that waits for a person: asks one, or looks up what one has said. `undefined` means that nobody can say now: the run
 * then ends as suspended. It hears of the calls of agents inside, too. What it throws rejects the run; the call still waits then.
 */
export type DecideCall = (
  pending: CallPending,
  scope: { readonly signal: AbortSignal },
) => Decision | undefined | Promise<Decision | undefined>;

/** Throws `invalid_option` for an option of an agent that does not exist or has a value that it cannot have. */
export function checkAgentOptions(options: AgentOptions<never, unknown>): void {
  checkAgainst(ofAgent, 'new Agent()', options);
  if (options.model === undefined) throw unfit('new Agent()', 'model', undefined, model.expected);
}

/** The same for the options of one run. `where` is the method they were given to. */
export function checkRunOptions<Context>(where: string, options: RunOptions<Context>): void {
  checkAgainst(ofRun, where, options);
}

/** The same for the options with which a run is resumed. */
export function checkResumeOptions<Context>(options: ResumeOptions<Context>): void {
  checkAgainst(ofResume, 'agent.resume()', options);
}

/** The same for the options of an agent as a tool. */
export function checkAgentToolOptions(options: AgentToolOptions): void {
  checkAgainst(ofAgentTool, 'agent.asTool()', options);
}

/** What a value must be, and how a message says so. */
interface Kind {
  fits(value: unknown): boolean;
  readonly expected: string;
}

const anything: Kind = { fits: () => true, expected: '' }; // it is checked where it is used
const text: Kind = { fits: (value) => typeof value === 'string', expected: 'a text' };
const list: Kind = { fits: Array.isArray, expected: 'a list: [ … ]' };
const fn: Kind = { fits: (value) => typeof value === 'function', expected: 'a function' };
const object: Kind = {
  fits: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  expected: 'an object',
};
const model = having('stream', "a model, e.g. anyfast('kimi-k2.6')");
const limits: Kind = {
  fits: (value) => Array.isArray(value) && value.every((one) => limit.fits(one)),
  expected: 'a list of limits, e.g. [limit.steps(20)]',
};
const limit = having('read', 'a limit');
const compaction = having(
  'shorten',
  'a compaction, e.g. { atTokens: 100_000, shorten: compact.summarise() }',
);

/** An object with this method. */
function having(method: string, expected: string): Kind {
  const fits = (value: unknown) =>
    typeof (value as Readonly<Record<string, unknown>> | null)?.[method] === 'function';
  return { fits, expected };
}

const ofAgent: Readonly<Record<keyof AgentOptions, Kind>> = {
  model,
  name: text,
  instructions: text,
  tools: list,
  limits,
  approve: fn,
  decide: fn,
  repairCall: fn,
  maxParallelCalls: anything,
  maxCallsPerAnswer: {
    fits: (value) => Number.isInteger(value) && (value as number) >= 1,
    expected: 'a whole number from 1',
  },
  parameters: object,
  prepareStep: fn,
  compaction,
  output: anything,
};

const ofResume: Readonly<Record<keyof ResumeOptions, Kind>> = {
  signal: having('addEventListener', 'an AbortSignal, e.g. signal: controller.signal'),
  context: anything,
  limits,
  approve: fn,
  decide: fn,
  decisions: list,
};

const { decisions: _, ...ofEveryRun } = ofResume;
const ofRun: Readonly<Record<keyof RunOptions, Kind>> = {
  ...ofEveryRun,
  history: anything,
  session: anything,
  unfinished: {
    fits: (value) => value === 'refuse' || value === 'leave',
    expected: '"refuse" or "leave"',
  },
  recorder: having('step', 'a recorder, which has a step method'),
  nested: having('recorder', 'scope.nested of a tool’s call'),
};

const ofAgentTool: Readonly<Record<keyof AgentToolOptions, Kind>> = {
  name: anything,
  description: anything,
  limits,
};

function checkAgainst(kinds: Readonly<Record<string, Kind>>, where: string, options: object): void {
  checkOptions(where, options, kinds);
  for (const [option, value] of Object.entries(options)) {
    const kind = kinds[option] ?? anything;
    if (value === undefined || kind.fits(value)) continue;
    throw unfit(where, option, value, kind.expected);
  }
}

function unfit(where: string, option: string, value: unknown, expected: string) {
  // An object may hold a key, so it is not shown.
  const found = object.fits(value) ? 'an object' : shown(value);
  const message = `${where}: ${option} is ${found}, but it must be ${expected}.`;
  return new ThroughlineError('invalid_option', message);
}
