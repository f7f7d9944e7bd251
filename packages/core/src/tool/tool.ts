// tool/ owns what a tool is: its definition, toolkits, the set of tools of one step. It does not own how a call runs: calls/ does.

import { checkFunctions, checkOptions, shown } from '../base/check-options.ts';
import type { Decision } from '../base/decision.ts';
import { ThroughlineError } from '../base/error.ts';
import type { Effect, RunEvent } from '../base/event.ts';
import type { Content } from '../base/message.ts';
import type { JsonSchema, Usage } from '../base/model.ts';
import type { Recorder } from '../record/recorder.ts';
import { compileSchema } from './schema/schema.ts';
import type { OutputOf, Schema, SchemaSource, TypedSchema } from './schema/schema.ts';

/** What a tool is told besides its input. */
export interface CallScope<Context = unknown> {
  /** Aborted when the run is aborted or the tool's time is up. Pass it on. */
  readonly signal: AbortSignal;
  /** What the host passed as `context` to the run. */
  readonly context: Context;
  readonly callId: string;
  /** The same on every attempt at this call, in any process. Give it to whatever must not happen twice. */
  readonly idempotencyKey: string;
  /**
   * Runs an agent as a part of this call: recorded under it, told as `call.event`, counted in the run's usage, stopped with it. Where a call
   * inside waits for a person, the outer run does. Options of the run may be added; it has the context of this call.
   */
  run<Result>(agent: Runnable<Result>, task: string, options?: object): Promise<Result>;
  /** The ties of `run`, for an agent that must be run in another way. */
  readonly nested: NestedRun;
}

/** What can run inside a call: an agent. */
export interface Runnable<Result> {
  run(task: string, options: never): Promise<Result>;
}

/** A call that the host is asked about. */
export interface CallToApprove {
  readonly name: string;
  readonly effect: Effect;
  readonly input: unknown;
  readonly callId: string;
}

/** What an approver is told besides the input. */
export type ApprovalScope<Context = unknown> = Omit<CallScope<Context>, 'nested' | 'run'>;

/** A call that is about to run. */
export interface CallToRun {
  readonly runId: string;
  readonly step: number;
  /** The call's place in its answer, counted from 1. */
  readonly call: number;
  readonly callId: string;
  readonly name: string;
  readonly effect: Effect;
  readonly input: unknown;
  /** Aborted when the run is. */
  readonly signal: AbortSignal;
}

/**
 * Stands around the work of every call of a run, also of those that agents inside make: for a trace, a measure, a sandbox. It calls `next`
 * once, and returns what that resolves to, or what is to take its place; what `next` rejects with, it throws. A generator is run to its end
 * inside `next`, so what is set up around it (an `AsyncLocalStorage`, say) holds for all of it.
 */
export type AroundCall = (call: CallToRun, next: () => Promise<unknown>) => Promise<unknown>;

/** The ties between a call and the run of an agent inside it. */
export interface NestedRun {
  /** Stops the inner run, where it has no signal of its own: with the outer run, and once the time of the call is up. */
  readonly signal: AbortSignal;
  /** Records the inner run under this call. */
  recorder(): Recorder;
  wants(type: RunEvent['type']): boolean;
  /** Tells an event of the inner run as a `call.event` of the outer one. */
  emit(event: RunEvent): void;
  /** Whether the time of the outer run is up: then no call of the inner one begins. */
  isLate?(): Promise<boolean>;
  /** Adds what the inner run has used to the outer one's usage. */
  spend(usage: Usage): void;
  /** What the call holds of `maxParallelCalls`, so that the inner run does not wait for its own outer call. Opaque. */
  readonly held: unknown;
  /** What stands around the calls of the outer run. */
  readonly around: AroundCall | undefined;
  /** The outer host's say on the calls of the inner run; undefined where it has none. */
  readonly approve:
    | ((
        call: CallToApprove,
        scope: ApprovalScope<never>,
      ) => Approval | undefined | Promise<Approval | undefined>)
    | undefined;
}

/**
 * `true` runs the call, `'ask'` asks a person, `false` or `{ refuse: 'why' }` refuses it: the model reads the reason. Any other
 * value fails the run with `invalid_decision`.
 */
export type Approval = boolean | 'ask' | Decision;

/** How a tool is written. Only `name`, `description`, `inputSchema` and `execute` are needed. */
export interface ToolDefinition<S extends SchemaSource, Context, Output, Told = Output> {
  /** Letters, digits, `_`, `-` and `.`, at most 128. */
  readonly name: string;
  /** What it does and when to use it: the model chooses by these words. */
  readonly description: string;
  readonly inputSchema: S;
  /** What `execute` must return. The model and the host get what it makes of that; what does not fit is a failure. */
  readonly outputSchema?: TypedSchema<Output, Told> | JsonSchema;
  /** Default: `write`. */
  readonly effect?: Effect;
  /** Asked when a call is complete and valid, and once more when a person has allowed it. Default: `'ask'` for `destructive`, else `true`. */
  readonly approve?: (
    input: NoInfer<OutputOf<S>>,
    scope: ApprovalScope<NoInfer<Context>>,
  ) => Approval | Promise<Approval>;
  /** The value, a promise of it, or an async generator: what it yields is progress, what it returns is the value. */
  readonly execute: (
    input: OutputOf<S>,
    scope: CallScope<Context>,
  ) => Output | Promise<Output> | AsyncGenerator<unknown, Output, void>;
  /** What the model reads of the value. Default: text as it is, message parts as they are, all else as JSON. */
  readonly toModel?: (output: NoInfer<Told>) => Content;
  /** After so many milliseconds the model is told the call timed out, even if `execute` ignores its signal. */
  readonly timeoutMs?: number;
  /** `write` calls whose locks differ may overlap. Default: one lock for all of them. */
  readonly locks?: (input: NoInfer<OutputOf<S>>) => readonly string[];
  /** How many calls of this tool may run at once, in one agent. Default: no limit of its own. */
  readonly maxParallelCalls?: number;
  /** The most characters the model reads of one result; the middle of a longer one is cut. Default: 50,000. */
  readonly maxResultChars?: number;
}

/** A tool, ready to be plugged in. Made by `tool()`. `Context` is what it needs the run to bring. */
export interface Tool<in Context = never> {
  readonly name: string;
  readonly description: string;
  readonly effect: Effect;
  readonly inputSchema: Schema;
  readonly outputSchema: Schema | undefined;
  readonly approve:
    | ((input: unknown, scope: ApprovalScope<Context>) => Approval | Promise<Approval>)
    | undefined;
  readonly execute: (input: unknown, scope: CallScope<Context>) => unknown;
  readonly toModel: ((output: unknown) => Content) | undefined;
  readonly timeoutMs: number | undefined;
  readonly locks: ((input: unknown) => readonly string[]) | undefined;
  readonly maxParallelCalls: number | undefined;
  readonly maxResultChars: number;
}

/** Tools that are plugged in as one value. `tools` is read before each step, so it may change during a run. */
export interface Toolkit<in Context = never> {
  readonly name: string;
  readonly tools: readonly Tool<Context>[];
  /** Added to the agent's instructions. */
  readonly instructions?: string;
  /** Called once by `agent.dispose()`. */
  dispose?(): void | Promise<void>;
}

/** What `tools` of an agent takes. */
export type Plug<Context = never> = Tool<Context> | Toolkit<Context> | readonly Plug<Context>[];

/**
 * Makes a tool. Throws `invalid_tool` or `invalid_schema`, naming the tool and the value.
 * To type `context`, annotate the second parameter: `execute({ id }, { context }: CallScope<App>)`. An `approve`
 * that reads the context stands behind `execute`, or is annotated as well.
 */
export function tool<S extends SchemaSource, Context = unknown, Output = unknown, Told = Output>(
  definition: ToolDefinition<S, Context, Output, Told>,
): Tool<Context> {
  checkOptions('tool()', definition, known);
  const { name, description, effect = 'write', timeoutMs, maxParallelCalls } = definition;
  checkName(name);
  const { approve, locks, toModel } = definition;
  checkFunctions(`Tool "${name}"`, { approve, locks, toModel });
  const refuse = (reason: string) =>
    new ThroughlineError('invalid_tool', `Tool "${name}" ${reason}.`);
  if (typeof definition.execute !== 'function') throw refuse('has no execute function');
  if (typeof description !== 'string' || description.trim() === '') {
    throw refuse('has no description; the model chooses tools by their description');
  }
  if (!['read', 'write', 'destructive'].includes(effect)) {
    throw refuse(`has the effect ${shown(effect)}; it is read, write or destructive`);
  }
  const { maxResultChars = 50_000 } = definition;
  for (const [option, value] of Object.entries({ timeoutMs, maxParallelCalls, maxResultChars })) {
    if (value !== undefined && !(typeof value === 'number' && value >= 1)) {
      throw refuse(`has ${option} ${shown(value)}; it must be 1 or more`);
    }
  }
  // One assertion at the door: what enters `execute` has come out of `inputSchema`, so the types below may forget S.
  const erased = definition as unknown as ToolDefinition<SchemaSource, Context, unknown>;
  return {
    name,
    description,
    effect,
    inputSchema: compileSchema(
      definition.inputSchema,
      `The input schema of tool "${name}"`,
      'object',
    ),
    outputSchema:
      definition.outputSchema &&
      compileSchema(definition.outputSchema, `The output schema of tool "${name}"`),
    approve: erased.approve as Tool<Context>['approve'],
    execute: erased.execute as Tool<Context>['execute'],
    toModel: erased.toModel,
    timeoutMs,
    locks: erased.locks as Tool<Context>['locks'],
    maxParallelCalls,
    maxResultChars,
  };
}

const known: Readonly<Record<keyof ToolDefinition<SchemaSource, unknown, unknown>, true>> = {
  name: true,
  description: true,
  inputSchema: true,
  outputSchema: true,
  effect: true,
  approve: true,
  execute: true,
  toModel: true,
  timeoutMs: true,
  locks: true,
  maxParallelCalls: true,
  maxResultChars: true,
};

/** The same tools with `${prefix}_` before each name, so that two toolkits may have a tool of one name. */
export function prefix<Context>(text: string, kit: Toolkit<Context>): Toolkit<Context> {
  checkName(text);
  const renamed = new WeakMap<Tool<Context>, Tool<Context>>();
  return {
    name: `${text}_${kit.name}`,
    ...(kit.instructions === undefined ? {} : { instructions: kit.instructions }),
    get tools() {
      return kit.tools.map((tool) => {
        const name = `${text}_${tool.name}`;
        checkName(name);
        const known = renamed.get(tool) ?? { ...tool, name };
        renamed.set(tool, known);
        return known;
      });
    },
    dispose: () => kit.dispose?.(),
  };
}

function checkName(name: string): void {
  if (typeof name === 'string' && /^[A-Za-z0-9_.-]{1,128}$/.test(name)) return;
  throw new ThroughlineError(
    'invalid_tool',
    `A tool cannot have the name ${shown(name)}. A name has 1 to 128 characters: letters, digits, "_", "-" and ".".`,
  );
}
const repeatable = new WeakSet<Tool>();
/**
 * Marks a tool of ours that may run again after a crash, whatever its effect: an agent inside it goes on from
 * its own record, and the others do nothing to the world.
 */
export function mayRepeat<Context>(tool: Tool<Context>): Tool<Context> {
  repeatable.add(tool);
  return tool;
}
export function isRepeatable(tool: Tool | undefined): boolean {
  return tool !== undefined && repeatable.has(tool);
}
