// @throughline/restate owns how a run is recorded in Restate and spoken to from outside. It does not own the run itself (core's loop,
// unchanged), or the server of Restate.

import { CancelledError, handlers, object, TerminalError, workflow } from '@restatedev/restate-sdk';
import type {
  ObjectContext,
  ObjectSharedContext,
  VirtualObjectDefinition,
  WorkflowContext,
  WorkflowDefinition,
  WorkflowOptions,
} from '@restatedev/restate-sdk';
import { checkOptions, ThroughlineError } from '@throughline/core';
import type { AnyAgent, Message, RunEvent, RunOptions } from '@throughline/core';
import { durableRun } from './durable-run.ts';
import type { DurableResult, RunRequest, RunSettings } from './durable-run.ts';
import { checkSize } from './entry-size.ts';
import { insideLogs } from './inside-log.ts';
import type { InsideOf } from './inside-log.ts';
import { runsName, sessionsName } from './names.ts';
import { runHandlers } from './run-handlers.ts';
import { isTold, orTerminal } from './terminal.ts';
import { UnderWay } from './under-way.ts';

export interface DurableOptions {
  /** The name that callers use, of letters, digits, `_` and `-`. Default: the agent's name. */
  readonly name?: string;
  /** The address of the ingress of Restate, where agents inside calls record. Default: `http://127.0.0.1:8080`. */
  readonly ingressUrl?: string;
  /**
   * What a run that is under way may rely on. A worker of another version does not go on with the run: serve a new version under another
   * address, and keep the old one until its runs have ended. Default: `1`.
   */
  readonly version?: string;
  /** What each run is given besides: `context`, `limits`, `approve`, `decide`. The same for the same run, in every process. */
  readonly runOptions?: (
    runId: string,
  ) => Pick<RunOptions<never>, 'limits' | 'approve' | 'decide'> & { readonly context?: unknown };
  /**
   * Told each event of the runs in this process, deltas too, as it happens. Live only: what happens in another process, or is lost in a crash,
   * is not told, and nothing of it goes through Restate.
   */
  readonly onEvent?: (event: RunEvent, runId: string) => void;
  /** Options of the workflow, as Restate has them: time-outs, retry, retention. */
  readonly restate?: WorkflowOptions;
}

/** The services of one agent, to be served by a worker. */
export type DurableAgent = readonly [
  WorkflowDefinition<string, RunsOf>,
  VirtualObjectDefinition<string, SessionsOf>,
  VirtualObjectDefinition<string, InsideOf>,
];

/** The handlers of a run. */
export type RunsOf = typeof runHandlers & {
  run(ctx: WorkflowContext, request: RunRequest): Promise<DurableResult>;
};

/** The handlers of a session. */
export interface SessionsOf {
  run(ctx: ObjectContext, request: SessionRequest): Promise<DurableResult>;
  messages(ctx: ObjectSharedContext): Promise<readonly Message[]>;
  running(ctx: ObjectSharedContext): Promise<string | null>;
}

export interface SessionRequest {
  readonly input: string | readonly Message[];
  /** The id of the run. */
  readonly runId: string;
}

/** Longer than any tool runs; a tool that must end earlier has a time-out of its own. */
const longestStepMs = 24 * 60 * 60_000;

/** Makes services of Restate of an agent, which stays as it is. */
export function durable(agent: AnyAgent, options: DurableOptions = {}): DurableAgent {
  checkOptions('durable()', options, known);
  const { name = agent.name, version = '1', runOptions, onEvent, restate } = options;
  const { ingressUrl = 'http://127.0.0.1:8080' } = options;
  const settings: RunSettings = {
    agent,
    name,
    ingressUrl,
    version,
    options: (runId) => runOptions?.(runId) ?? {},
    onEvent: (event, runId) => onEvent?.(event, runId),
  };
  if (!/^[A-Za-z][\w-]*$/.test(name)) {
    const message = `durable(): the agent is called ${JSON.stringify(name)}. Pass a name of letters, digits, _ and - that begins with a letter.`;
    throw new ThroughlineError('invalid_option', message);
  }
  const underWay = new UnderWay();
  const runs = workflow<string, RunsOf>({
    name: runsName(name),
    handlers: {
      ...runHandlers,
      async run(ctx: WorkflowContext, request: RunRequest): Promise<DurableResult> {
        const work = underWay.begin(ctx.key, ctx.request().attemptCompletedSignal);
        try {
          const result = await durableRun(ctx, request, settings, work);
          underWay.end(ctx.key);
          return result;
        } catch (error) {
          if (error instanceof TerminalError) underWay.end(ctx.key);
          throw error;
        }
      },
    },
    options: { abortTimeout: longestStepMs, ...restate },
  });
  return [runs, sessionsOf(name), insideLogs(name)];
}

const known: Readonly<Record<keyof DurableOptions, true>> = {
  name: true,
  ingressUrl: true,
  version: true,
  runOptions: true,
  onEvent: true,
  restate: true,
};

/** Sessions: Restate lets one run at a time into each of them, and keeps the others waiting in their order. */
function sessionsOf(name: string): VirtualObjectDefinition<string, SessionsOf> {
  const runs: WorkflowDefinition<string, RunsOf> = { name: runsName(name) };
  return object<string, SessionsOf>({
    name: sessionsName(name),
    handlers: {
      async run(ctx: ObjectContext, { input, runId }: SessionRequest): Promise<DurableResult> {
        const history = (await ctx.get<readonly Message[]>('messages')) ?? [];
        orTerminal(() => checkSize('The conversation with its new input', { input, history }));
        ctx.set('running', runId);
        const run = ctx.workflowClient(runs, runId);
        try {
          const result = await run.run({ input, history });
          ctx.set('messages', result.messages);
          ctx.clear('running');
          return result;
        } catch (error) {
          if (!(error instanceof TerminalError)) throw error;
          // What the run had come to stays in the conversation; but a run that another session has begun is none of this one.
          const isOwn = isTold(error) || error instanceof CancelledError;
          if (isOwn) ctx.set('messages', (await run.messages()) ?? history);
          ctx.clear('running');
          throw error;
        }
      },
      messages: handlers.object.shared(
        async (ctx: ObjectSharedContext) => (await ctx.get<readonly Message[]>('messages')) ?? [],
      ),
      running: handlers.object.shared((ctx: ObjectSharedContext) => ctx.get<string>('running')),
    },
  });
}
