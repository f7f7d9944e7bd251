import { restateClient } from '@throughline/restate/client';
import { inputs } from './conversation.ts';
import { decisionOn } from './person.ts';

/** Where a conversation on Restate is. */
export interface Place {
  readonly agent: string;
  readonly url: string;
  readonly session: string;
  readonly worldUrl: string;
}

/** Carries a conversation to its end, or goes on with it where another process was killed: every run has a fixed id. */
export async function carryOnRestate(
  { agent, url, session, worldUrl }: Place,
  point: (name: string) => void = () => {},
): Promise<void> {
  const client = restateClient({ agent, url });
  for (const [index, input] of inputs.entries()) {
    point(`before run ${index}`);
    const runId = `${session}/${index}`;
    const run = await reached(() => client.session(session).run(input, { runId }));
    point(`started run ${index}`);
    const over = new AbortController();
    const deciding = index === 1 ? decide() : undefined;
    await run.result();
    over.abort();
    point(`ended run ${index}`);
    await deciding;

    async function decide(): Promise<void> {
      while (!over.signal.aborted) {
        for (const call of await reached(() => run.pending())) {
          point(`before decision ${call.mayHaveRun === true}`);
          try {
            const decision = await decisionOn(call, worldUrl);
            await reached(() => run.decide(decision));
          } catch (error) {
            // A decision of the process before was taken while it was killed.
            if ((error as { code?: string }).code !== 'not_pending') throw error;
          }
          point(`after decision ${call.mayHaveRun === true}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
    }
  }
}

/** On a busy machine a server may be away for longer than a client asks again by itself. */
async function reached<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if ((error as { code?: string }).code !== 'connection') throw error;
    }
  }
}
