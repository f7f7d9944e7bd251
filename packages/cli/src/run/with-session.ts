import type { Run, Session } from '@throughline/core';
import { loadAgent } from '../agent/load-agent.ts';
import type { RunnableAgent } from '../agent/runnable-agent.ts';
import { closeAll } from '../close-all.ts';
import type { Host } from '../command.ts';
import { prepareFolder, sessionFolder } from '../sessions/session-folder.ts';
import type { SessionFolder } from '../sessions/session-folder.ts';
import { Ending } from './ending.ts';
import { printRun } from './print-run.ts';
import type { Again } from './command-line.ts';

/** One run in a stored session. */
export interface SessionRunPlan {
  readonly host: Host;
  readonly again: Again;
  readonly json: boolean;
  /** Chooses the session; called before the agent is loaded. */
  choose(folder: SessionFolder): Promise<string>;
  /** Starts the run. */
  start(
    agent: RunnableAgent,
    session: Session,
    signal: AbortSignal,
  ): Run<unknown> | Promise<Run<unknown>>;
}

/** Runs an agent once in a session, prints the run, and closes everything, whatever ends it. Returns the exit code. */
export async function withSession(plan: SessionRunPlan): Promise<number> {
  const { host, again, json } = plan;
  const folder = sessionFolder(again.folder, host);
  const ending = new Ending(host);
  const closing: (() => Promise<void>)[] = [];
  try {
    const id = await plan.choose(folder);
    const loaded = await loadAgent(again, host);
    closing.push(loaded.close);
    await prepareFolder(again.folder, host);
    const session = await folder.store.open(id);
    closing.push(() => session.close());
    ending.signal.throwIfAborted();
    const run = await plan.start(loaded.agent, session, ending.signal);
    const code = await printRun(run, { host, json, session: id, again });
    return (await ending.codeOnceWritten()) ?? code;
  } catch (error) {
    if (ending.code === undefined) throw error;
    return ending.code;
  } finally {
    await closeAll([async () => ending.release(), ...closing]);
  }
}
