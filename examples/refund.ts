// A tool that moves money: small sums run, large ones ask a person.
import { Agent, tool } from '@throughline/core';
import type {
  CallDecision,
  CallPending,
  CallScope,
  Decision,
  Model,
  RunResult,
} from '@throughline/core';
import * as z from 'zod';

export interface Shop {
  readonly bank: {
    refund(
      orderId: string,
      eur: number,
      options: { readonly signal: AbortSignal; readonly idempotencyKey: string },
    ): Promise<{ readonly receipt: string }>;
  };
}

// #region tool
const refund = tool({
  name: 'refund',
  description: 'Refunds an order.',
  inputSchema: z.object({ orderId: z.string(), eur: z.number().positive() }),
  effect: 'write',
  approve: ({ eur }) => eur <= 50 || 'ask',
  async *execute({ orderId, eur }, { signal, context, idempotencyKey }: CallScope<Shop>) {
    yield `asking the bank about ${orderId}`;
    return context.bank.refund(orderId, eur, { signal, idempotencyKey });
  },
});
// #endregion

export function clerk(model: Model): Agent<Shop> {
  return new Agent({ model, instructions: 'Help customers.', tools: [refund] });
}

// #region ask
/** Runs one request; `mayRefund` asks a person about each call that waits for one. */
export async function serve(
  agent: Agent<Shop>,
  request: string,
  context: Shop,
  mayRefund: (details: string) => Promise<Decision>,
): Promise<RunResult> {
  const run = agent.stream(request, {
    context,
    decide: (call) => mayRefund(`${call.name} ${call.arguments}`),
  });
  run.on('call.progress', ({ progress }) => console.log(progress));
  return run.result;
}
// #endregion

// #region resume
/** The same with nobody at hand: the run ends as suspended, and goes on when there is a decision. */
export async function serveLater(
  agent: Agent<Shop>,
  request: string,
  context: Shop,
  decideTomorrow: (call: CallPending) => Promise<Decision>,
): Promise<RunResult> {
  const result = await agent.run(request, { context });
  if (result.stopReason !== 'suspended') return result;
  const stored = JSON.stringify(result.suspended); // plain JSON: any store, any process
  const decisions: CallDecision[] = []; // of each call its own: who allows one has not allowed another
  for (const call of result.pending) {
    decisions.push({ id: call.id, ...(await decideTomorrow(call)) });
  }
  return agent.resume(JSON.parse(stored), { context, decisions }).result;
}
// #endregion
