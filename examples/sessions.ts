// A conversation that is stored: continued in another process, taken up after a crash, decided on days later.
import { Agent, ThroughlineError } from '@throughline/core';
import type { Decision, Model, RunResult, Session, SessionStore, Tool } from '@throughline/core';
import { fileSessions } from '@throughline/sessions';

/** Answers one message of a chat, and stores both. */
export async function answer(model: Model, dir: string, text: string): Promise<string> {
  // #region chat
  const agent = new Agent({ model, instructions: 'Be helpful.' });
  const sessions = fileSessions({ dir });

  const session = await sessions.open('chat-1'); // a new one, or the one that is stored
  try {
    const result = await agent.run(text, { session }); // it is the history, and where the run is recorded
    return result.text;
  } finally {
    await session.close();
  }
  // #endregion
}

// #region resume-cut
/** To be called when a program starts: ends what a crash has cut. */
export async function resumeCut(agent: Agent, session: Session): Promise<RunResult | undefined> {
  if (session.state !== 'cut') return undefined; // ready, stopped or suspended
  return agent.resume(session).result;
}
// #endregion

// #region decide
/** To be called when a person has decided, be it days later and in another process. */
export async function decide(
  agent: Agent,
  sessions: SessionStore,
  id: string,
  mayRun: (details: string) => Decision,
): Promise<RunResult> {
  const session = await sessions.open(id);
  try {
    const decisions = session.pending.map((call) => {
      const again = call.mayHaveRun ? ' AGAIN (it was cut, and may have taken effect)' : '';
      return { id: call.id, ...mayRun(`${call.name} ${call.arguments}${again}`) };
    });
    return await agent.resume(session, { decisions }).result;
  } finally {
    await session.close();
  }
}
// #endregion

export function clerk(model: Model, ...tools: Tool<unknown>[]): Agent {
  return new Agent({ model, tools });
}

/** Tries the same question another way, and leaves the conversation as it is. */
export async function tryAnotherWay(
  agent: Agent,
  sessions: SessionStore,
  text: string,
): Promise<string> {
  // #region fork
  await sessions.fork('chat-1', 'chat-1-again'); // as it is now; or up to a line: { seq: 12 }
  const session = await sessions.open('chat-1-again');
  // #endregion
  try {
    return (await agent.run(text, { session })).text;
  } finally {
    await session.close();
  }
}

/** Says why a session cannot be had. */
export async function tryToOpen(sessions: SessionStore, id: string): Promise<string> {
  // #region errors
  try {
    const session = await sessions.open(id);
    await session.close();
    return `${session.messages.length} messages, ${session.state}`;
  } catch (error) {
    if (error instanceof ThroughlineError && error.code === 'session_locked') {
      return `Somebody is at it: ${error.message}`; // names the process
    }
    throw error;
  }
  // #endregion
}
