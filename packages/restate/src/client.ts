import { connect, HttpCallError, rpc } from '@restatedev/restate-sdk-clients';
import type {
  Ingress,
  VirtualObjectDefinition,
  WorkflowDefinition,
} from '@restatedev/restate-sdk-clients';
import type { CallDecision, CallPending, Message } from '@throughline/core';
import { checkOptions, ThroughlineError } from '@throughline/core';
import { again } from './again.ts';
import type { RunsOf, SessionsOf } from './durable-agent.ts';
import type { DurableResult, RunRequest } from './durable-run.ts';
import { toError } from './failure.ts';
import type { Failure } from './failure.ts';
import { runsName, sessionsName } from './names.ts';
import { isUnregistered, shouldRetry } from './should-retry.ts';

export type { DurableResult, RunRequest };

export interface ClientOptions {
  /** The name that the agent is served under. */
  readonly agent: string;
  /** The address of the ingress of Restate, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Sent with each request, e.g. a credential for a proxy before the ingress. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface Waits {
  /** Ends the waiting, not the run. */
  readonly signal?: AbortSignal;
}

/** A run, wherever it is carried out. All of it works from any process that knows the run's id. */
export interface DurableRun {
  readonly runId: string;
  /** Waits for the end, over crashes of the server and the workers. Rejects with the run's typed error. */
  result(waits?: Waits): Promise<DurableResult>;
  /** The model reads the message with its next step. Rejects with `already_ended` where the run has ended. */
  steer(text: string): Promise<void>;
  /** The model reads the message once it has answered; the run goes on with it. */
  followUp(text: string): Promise<void>;
  /** The calls that wait for a person. */
  pending(): Promise<readonly CallPending[]>;
  /** Decides one of them. Rejects with `not_pending` and `invalid_decision` as `run.decide` throws them. */
  decide(decision: CallDecision): Promise<void>;
  /** Aborts the run and cuts its tools. `result` rejects with an `AbortError`. */
  abort(): Promise<void>;
  /** The conversation of a run that failed or was aborted, as far as it came. */
  messages(): Promise<readonly Message[] | null>;
}

/** A stored conversation. Its runs wait for each other. */
export interface DurableSession {
  readonly id: string;
  /** Starts a run that goes on with the conversation, once those before it have ended. */
  run(
    input: string | readonly Message[],
    options?: { readonly runId?: string },
  ): Promise<DurableRun>;
  messages(): Promise<readonly Message[]>;
  /** The run that is under way. */
  running(): Promise<DurableRun | undefined>;
}

/** Speaks to the runs of one agent through Restate, from any process. */
export interface RestateClient {
  /** Starts a run. The same `runId` again starts nothing, and gives the same run. */
  start(request: RunRequest & { readonly runId?: string }): Promise<DurableRun>;
  /** A run that was started before. */
  run(runId: string): DurableRun;
  session(id: string): DurableSession;
}

/** Makes a client. It opens no connection before it is used. */
export function restateClient(options: ClientOptions): RestateClient {
  checkOptions('restateClient()', options, { agent: true, url: true, headers: true });
  const { agent, url, headers = {} } = options;
  const about = { url, headers: { ...headers } };
  const doors: Doors = {
    agent,
    url,
    once: connect({ ...about, retry: { shouldRetry } }),
    // A run may take days, and the server may be away meanwhile.
    patient: connect({ ...about, retry: { shouldRetry, maxAttempts: false, maxDuration: false } }),
    runs: { name: runsName(agent) },
    sessions: { name: sessionsName(agent) },
  };
  return {
    async start({ runId = crypto.randomUUID(), ...request }) {
      await typed(doors, doors.once.workflowClient(doors.runs, runId).workflowSubmit(request));
      return runOf(doors, runId);
    },
    run: (runId) => runOf(doors, runId),
    session: (id) => sessionOf(doors, id),
  };
}

interface Doors {
  readonly agent: string;
  readonly url: string;
  readonly once: Ingress;
  readonly patient: Ingress;
  readonly runs: WorkflowDefinition<string, RunsOf>;
  readonly sessions: VirtualObjectDefinition<string, SessionsOf>;
}

/** `known`: the run may wait in its session, and is not there yet. */
function runOf(doors: Doors, runId: string, known = false): DurableRun {
  const { once, patient, runs } = doors;
  const run = once.workflowClient(runs, runId);
  /** A message for a run that is not there would be kept for ever and heard by nobody. */
  const refuseUnknown = async () => {
    if (!known) await typed(doors, found(runId, run.workflowOutput()).catch(unlessFailed));
  };
  const say = async (source: 'steer' | 'followUp', text: string) => {
    await refuseUnknown();
    await typed(doors, run.say({ source, text }, again()));
  };
  return {
    runId,
    result: ({ signal } = {}) =>
      typed(
        doors,
        found(
          runId,
          patient
            .workflowClient(runs, runId)
            .workflowAttach(rpc.opts({ ...(signal && { signal }) })),
        ),
      ),
    steer: (text) => say('steer', text),
    followUp: (text) => say('followUp', text),
    pending: () => typed(doors, run.pending(again())),
    decide: (decision) => typed(doors, run.decide(decision, again())),
    async abort() {
      await refuseUnknown();
      await typed(doors, run.abort(again()));
    },
    messages: () => typed(doors, run.messages(again())),
  };
}

function sessionOf(doors: Doors, id: string): DurableSession {
  const { once, patient, sessions } = doors;
  const session = once.objectClient(sessions, id);
  return {
    id,
    async run(input, { runId = crypto.randomUUID() } = {}) {
      const request = { input, runId };
      const sent = once.objectSendClient(sessions, id);
      await typed(doors, sent.run(request, rpc.sendOpts({ idempotencyKey: runId })));
      return {
        ...runOf(doors, runId, true),
        result({ signal } = {}) {
          // Sent once more under its key, it starts nothing, and waits for what was started.
          const waits = rpc.opts<typeof request, DurableResult>({
            idempotencyKey: runId,
            ...(signal && { signal }),
          });
          return typed(doors, patient.objectClient(sessions, id).run(request, waits));
        },
      };
    },
    messages: () => typed(doors, session.messages(again())),
    async running() {
      const runId = await typed(doors, session.running(again()));
      return runId === null ? undefined : runOf(doors, runId);
    },
  };
}

/** Rejects with `session_not_found` where there is no such run. */
async function found<T>(runId: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof HttpCallError) || error.status !== 404) throw error;
    if (isUnregistered(error.status, error.responseText)) throw error;
    const message = `There is no run "${runId}", or it was forgotten long after its end.`;
    throw new ThroughlineError('session_not_found', message, { cause: error });
  }
}

/** A run that has failed is there. */
function unlessFailed(error: unknown): void {
  if (!(error instanceof HttpCallError)) throw error;
}

/** The typed error that a handler has told, where it has. */
async function typed<T>({ agent, url }: Doors, answer: PromiseLike<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HttpCallError) {
      const failure = failureIn(error.responseText);
      if (failure !== undefined) throw toError(failure);
      if (isUnregistered(error.status, error.responseText)) {
        const message = `The Restate server at ${url} knows no agent "${agent}". Register a worker that serves it: registerWorker(…).`;
        throw new ThroughlineError('invalid_option', message, { cause: error });
      }
    }
    if (!(error instanceof TypeError)) throw error;
    const { cause } = error as { cause?: { message?: string } };
    const message = `The Restate server at ${url} does not answer (${cause?.message || error.message}).`;
    throw new ThroughlineError('connection', message, { cause: error });
  }
}

function failureIn(text: string): Failure | undefined {
  try {
    const { metadata } = JSON.parse(text) as { metadata?: { throughline?: string } };
    const told = metadata?.throughline;
    return told === undefined ? undefined : (JSON.parse(told) as Failure);
  } catch {
    return undefined;
  }
}
