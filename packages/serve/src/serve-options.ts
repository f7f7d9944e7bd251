import { checkOptions, ThroughlineError } from '@throughline/core';
import type {
  Message,
  ResumeOptions,
  Run,
  RunOptions,
  Session,
  SessionStore,
} from '@throughline/core';
import type { WhenLeft } from './live-run.ts';

/** What a request may use. */
export type Admitted<Context = unknown> = {
  /** The id of the session in the store. Make it out of who the person is and what the client asked for. */
  readonly session: string;
} & (unknown extends Context ? { readonly context?: Context } : { readonly context: Context });

/** An agent, as far as it is served. */
export interface ServedAgent<Context> {
  stream(
    input: readonly Message[],
    options: RunOptions<Context> & { context: Context },
  ): Run<unknown>;
  resume(session: Session, options: ResumeOptions<Context> & { context: Context }): Run<unknown>;
}

export interface ServeOptions<Context = unknown> {
  readonly agent: ServedAgent<Context>;
  readonly sessions: SessionStore;
  /**
   * Says which session a request may use: `id` is what the client asked for, and the client may ask for anything. `undefined` refuses
   * (403). A `Response` that it throws is the answer, e.g. a 401.
   */
  readonly authorize: (
    request: Request,
    id: string,
  ) => Admitted<Context> | undefined | Promise<Admitted<Context> | undefined>;
  /** Default: `abort`. With `continue` a run ends by itself, and a client that comes back finds it. */
  readonly whenLeft?: WhenLeft;
  /** What to do with a new message while the last run was cut or waits for a person: see `RunOptions`. Default: `refuse` (409). */
  readonly unfinished?: 'refuse' | 'leave';
  /** Tools whose result a client may give instead of running them, e.g. `ask_user`. Default: none. */
  readonly resultsFor?: readonly string[];
  /** Milliseconds between the comments that keep a connection alive. Default: 15,000. */
  readonly keepAliveMs?: number;
  /** Default: 4 MiB. */
  readonly maxBodyBytes?: number;
}

/** Throws `invalid_option` for an option that does not exist, or has a value that it cannot have. */
export function checkServeOptions<Context>(options: ServeOptions<Context>): void {
  checkOptions('servedRuns()', options, known);
  const { agent, sessions, authorize, whenLeft, unfinished } = options;
  const demand = (fits: boolean, words: string) => {
    if (!fits) throw new ThroughlineError('invalid_option', `servedRuns(): ${words}.`);
  };
  demand(typeof agent?.stream === 'function', 'agent must be an agent');
  demand(
    typeof sessions?.open === 'function',
    "sessions must be a store, e.g. fileSessions({ dir: './chats' })",
  );
  demand(
    typeof authorize === 'function',
    'authorize must be a function that says which session a request may use',
  );
  demand(
    [undefined, 'abort', 'continue'].includes(whenLeft),
    'whenLeft must be "abort" or "continue"',
  );
  demand(
    [undefined, 'refuse', 'leave'].includes(unfinished),
    'unfinished must be "refuse" or "leave"',
  );
  demand(isPositive(options.keepAliveMs), 'keepAliveMs must be a number of milliseconds above 0');
  demand(isPositive(options.maxBodyBytes), 'maxBodyBytes must be a number of bytes above 0');
}

const known: Readonly<Record<keyof ServeOptions, true>> = {
  agent: true,
  sessions: true,
  authorize: true,
  whenLeft: true,
  unfinished: true,
  resultsFor: true,
  keepAliveMs: true,
  maxBodyBytes: true,
};

function isPositive(value: number | undefined): boolean {
  return value === undefined || (Number.isFinite(value) && value > 0);
}
