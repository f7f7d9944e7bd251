import type { CallPending, Decision, Json, Session } from '@throughline/core';
import type { Host } from '../command.ts';
import { withSession } from '../run/with-session.ts';
import { UsageError } from '../usage-error.ts';
import type { SessionsOptions } from './sessions-options.ts';

/** Goes on with the last run of a session, and prints it as `run` does. Calls that wait stay: the run is suspended again. */
export function resumeSession(id: string, values: SessionsOptions, host: Host): Promise<number> {
  return withSession({
    host,
    again: values,
    json: values.json ?? false,
    choose: async () => id,
    start: (agent, session, signal) => agent.resume(session, { signal }),
  });
}

/** Decides one call of a suspended session and goes on. Nothing runs where the decision fits no call that waits. */
export async function decideCall(
  id: string,
  callId: string,
  { values, host }: { readonly values: SessionsOptions; readonly host: Host },
): Promise<number> {
  const said = readDecision(values);
  return withSession({
    host,
    again: values,
    json: values.json ?? false,
    choose: async () => id,
    start: async (agent, session, signal) => {
      const decision = await said(waiting(session, callId));
      return agent.resume(session, { signal, decisions: [{ id: callId, ...decision }] });
    },
  });
}

function waiting({ id, pending }: Session, callId: string): CallPending {
  const call = pending.find((one) => one.id === callId);
  if (call !== undefined) return call;
  const names = pending.map((one) => `\n  ${one.id} (${one.name})`).join('');
  const others = names === '' ? 'none waits' : `these wait:${names}`;
  throw new UsageError(`No call "${callId}" waits in the session "${id}"; ${others}`);
}

/** The one decision that the options make, of a call that it fits. */
function readDecision(
  values: SessionsOptions,
): (call: CallPending) => Promise<Decision> | Decision {
  const { approve, refuse, answer, result } = values;
  const given = [approve, refuse, answer, result].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new UsageError('Give one of --approve, --refuse "why", --answer "words", --result JSON.');
  }
  if (refuse !== undefined) return () => ({ refuse });
  if (answer !== undefined) return (call) => answered(call, answer);
  if (result !== undefined) {
    const value = parseResult(result);
    return () => ({ result: value });
  }
  return () => ({ approve: true });
}

function parseResult(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new UsageError(
      `--result is no JSON: ${text}. A text needs its quotes: --result '"done"'`,
    );
  }
}

async function answered(call: CallPending, answers: readonly string[]): Promise<Decision> {
  const { answerTo, questionsOf } = await import('@throughline/toolkit-plan');
  const questions = questionsOf(call);
  if (questions === undefined) {
    throw new UsageError(`${call.name} asks no question. Decide it with --approve or --refuse.`);
  }
  const read = answers.map((text, at) => {
    const isOption = questions[at]?.options.some(({ label }) => label === text);
    return isOption === true ? { chosen: [text] } : { text };
  });
  return answerTo(call, read);
}
