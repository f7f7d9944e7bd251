import { TerminalError } from '@restatedev/restate-sdk';
import type { WorkflowSharedContext } from '@restatedev/restate-sdk';
import { checkDecision, ThroughlineError } from '@throughline/core';
import type { CallDecision, CallPending, Message } from '@throughline/core';
import type { Said } from './messages-heard.ts';
import { abortName, decisionName, saidName } from './names.ts';
import { orTerminal, terminal } from './terminal.ts';

/** What may be asked of a run while it is under way, from any process. */
export const runHandlers = {
  /** Decides a call that waits, once. */
  async decide(ctx: WorkflowSharedContext, { id, ...decision }: CallDecision): Promise<void> {
    const checked = orTerminal(() => checkDecision('decide()', decision));
    const waiting = await waitingOf(ctx);
    if (!waiting.some((call) => call.id === id)) throw notPending(ctx.key, id, waiting);
    try {
      await ctx.promise(decisionName(id)).resolve(checked);
    } catch (error) {
      if (error instanceof TerminalError) throw notPending(ctx.key, id, []);
      throw error;
    }
  },

  /** The calls that wait for a person. */
  async pending(ctx: WorkflowSharedContext): Promise<readonly CallPending[]> {
    return waitingOf(ctx);
  },

  /** Keeps a message for the run, which hears it at its next step. */
  async say(ctx: WorkflowSharedContext, said: Said): Promise<void> {
    orTerminal(() => checkSaid(said));
    if ((await ctx.get<boolean>('ended')) === true) throw alreadyEnded(ctx.key, said);
    for (let index = 0; ; index++) {
      const promise = ctx.promise<Said>(saidName(index));
      if ((await promise.peek()) !== undefined) continue;
      try {
        return await promise.resolve(said);
      } catch (error) {
        // Another message came in between.
        if (!(error instanceof TerminalError)) throw error;
      }
    }
  },

  /** Aborts the run, also one that has not begun: its tools are cut, its result rejects. */
  async abort(ctx: WorkflowSharedContext): Promise<void> {
    try {
      await ctx.promise(abortName).resolve(true);
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error; // it was aborted before
    }
  },

  /** The conversation of a run that failed or was aborted, as far as it came. */
  async messages(ctx: WorkflowSharedContext): Promise<readonly Message[] | null> {
    return ctx.get<readonly Message[]>('messages');
  },
};

async function waitingOf(ctx: WorkflowSharedContext): Promise<readonly CallPending[]> {
  return (await ctx.get<readonly CallPending[]>('waiting')) ?? [];
}

function checkSaid({ source, text }: Said): void {
  if (typeof text === 'string' && text.trim() !== '') return;
  throw new ThroughlineError('invalid_input', `${source}() was called without a text.`);
}

function notPending(runId: string, id: unknown, waiting: readonly CallPending[]): TerminalError {
  const ids = waiting.map((call) => `"${call.id}"`).join(', ') || 'none';
  const message = `A decision names ${JSON.stringify(id)}, but no call of the run "${runId}" waits under this id, or it is decided already. Waiting: ${ids}.`;
  return terminal({ code: 'not_pending', message });
}

function alreadyEnded(runId: string, { source, text }: Said): TerminalError {
  const shown = JSON.stringify(text.slice(0, 40));
  const message = `The run "${runId}" has ended, so ${source}(${shown}) does not reach the model.`;
  return terminal({ code: 'already_ended', message });
}
