import type { RestatePromise, WorkflowContext } from '@restatedev/restate-sdk';
import type {
  AnyAgent,
  Message,
  RecordedEvent,
  Run,
  RunEvent,
  RunOptions,
  RunResult,
} from '@throughline/core';
import { checkSize, maxEntryBytes, sizeOf } from './entry-size.ts';
import { toFailure } from './failure.ts';
import type { Failure } from './failure.ts';
import { InsideLog } from './inside-log.ts';
import { JournalRecorder } from './journal-recorder.ts';
import type { Journal } from './journal-recorder.ts';
import { MessagesHeard } from './messages-heard.ts';
import type { Said } from './messages-heard.ts';
import { abortName, saidName } from './names.ts';
import { Pump } from './pump.ts';
import { terminal } from './terminal.ts';
import type { WorkOfRun } from './under-way.ts';

/** What a run is started with. */
export interface RunRequest {
  readonly input: string | readonly Message[];
  /** The conversation so far. */
  readonly history?: readonly Message[];
}

/** What a run came to, as JSON. It is never suspended: on Restate a run waits for a person, and costs nothing meanwhile. */
export type DurableResult = Omit<RunResult<unknown>, 'suspended' | 'pending'> & {
  /** What was said to the run too late for the model to read it. */
  readonly unheard: readonly string[];
};

/** What the program of a worker decides about its runs. */
export interface RunSettings {
  readonly agent: AnyAgent;
  /** The name that callers use. */
  readonly name: string;
  readonly ingressUrl: string;
  readonly version: string;
  options(runId: string): object;
  onEvent(event: RunEvent, runId: string): void;
}

/** One attempt at a run: the loop of core, over the journal of this invocation. */
export async function durableRun(
  ctx: WorkflowContext,
  { input, history = [] }: RunRequest,
  settings: RunSettings,
  work: WorkOfRun,
): Promise<DurableResult> {
  const runId = ctx.key;
  const pump = new Pump(() => {
    const reason = new DOMException(`The run "${runId}" was aborted.`, 'AbortError');
    work.abort(reason);
    return reason;
  });
  const journal: Journal = {
    ctx,
    pump,
    work,
    messages: new MessagesHeard(),
    inside: (place) => new InsideLog(place, settings.name, settings.ingressUrl),
    waiting: new Map(),
    replayed: new WeakSet(),
  };
  const carry = async () => {
    let run: Run<unknown> | undefined;
    try {
      await refuseOtherVersion(journal, settings.version);
      const recorder = new JournalRecorder(journal);
      const options: RunOptions = { history, recorder, signal: work.signal };
      run = settings.agent.stream(input, { ...settings.options(runId), ...options } as never);
      journal.listener = run;
      void tell(run, journal, (event) => settings.onEvent(event, runId));
      hear(journal);
      pump.wait(ctx.promise(abortName).get()).then(
        () => pump.cancel(),
        () => {},
      );
      run.on('run.end', () => pump.hold(run?.result ?? Promise.resolve()));
      const { suspended: _, pending: __, ...result } = await run.result;
      const all = { ...result, unheard: await unheard(journal) };
      checkSize('The result of the run', all);
      return all;
    } catch (error) {
      if (error instanceof OtherVersion) throw error;
      ctx.set('ended', true);
      ctx.set('waiting', []);
      if (run !== undefined && sizeOf(run.messages) <= maxEntryBytes) {
        ctx.set('messages', run.messages);
      }
      throw terminal(failureOf(error, work.signal));
    }
  };
  return Promise.race([pump.broken, carry()]);
}

/** Retried by Restate, so that no run is lost: the version that began it may come back. */
class OtherVersion extends Error {
  override readonly name = 'OtherVersion';
}

/** To be raised by a release that makes the entries of a run in another order, or of another kind. */
const journalVersion = 1;

async function refuseOtherVersion({ ctx, pump }: Journal, given: string): Promise<void> {
  const version = `${journalVersion}/${given}`;
  const began = await pump.wait(ctx.run('version', () => version));
  if (began === version) return;
  throw new OtherVersion(
    `The run "${ctx.key}" began as version "${began}" of its agent, and this worker has version "${version}". ` +
      'Serve the new version under another address, and keep the old one until its runs have ended.',
  );
}

/** Takes what is said to the run, one after the other. */
function hear({ ctx, pump, messages }: Journal): void {
  const next = async () => {
    for (;;) {
      messages.add(await pump.wait(ctx.promise<Said>(saidName(messages.count)).get()));
    }
  };
  next().catch(() => {}); // the run was aborted
}

/** From now on nothing is taken; what was said just before is found. */
async function unheard({ ctx, pump, messages }: Journal): Promise<readonly string[]> {
  ctx.set('ended', true);
  for (let index = messages.count; ; index++) {
    // It is one of Restate's own promises, though not typed so.
    const peeked = ctx.promise<Said>(saidName(index)).peek() as RestatePromise<Said | undefined>;
    const said = await pump.wait(peeked);
    if (messages.count > index) continue;
    if (said === undefined) return messages.unheard;
    messages.add(said);
  }
}

/** Tells what has happened, and not what the journal tells once more. */
async function tell(
  run: Run<unknown>,
  { replayed }: Journal,
  onEvent: (event: RunEvent) => void,
): Promise<void> {
  const isOld = (event: RunEvent): boolean =>
    event.type === 'call.event' ? isOld(event.event) : replayed.has(event as RecordedEvent);
  try {
    for await (const event of run) {
      if (isOld(event)) continue;
      try {
        onEvent(event);
      } catch (error) {
        process.emitWarning(`onEvent threw: ${String(error)}`);
      }
    }
  } catch {
    // the run failed: its handler says so
  }
}

function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (!signal.aborted) return toFailure(error);
  return { code: 'aborted', message: (signal.reason as Error).message };
}
