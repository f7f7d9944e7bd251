// A run under control: limits, steering, a structured answer, agents inside agents.
import { Agent, compact, limit } from '@throughline/core';
import type { Model, Run, RunResult, Tool } from '@throughline/core';
import * as z from 'zod';

// #region limits
export function careful(model: Model, tools: readonly Tool<unknown>[]): Agent {
  return new Agent({
    model,
    tools,
    limits: [
      limit.steps(20),
      limit.cost({ usd: 0.5 }),
      limit.time({ ms: 10 * 60_000 }),
      limit.calls(3, { name: 'search', atLimit: 'stop' }),
      limit.repeats(), // the same call with the same result, again and again
    ],
  });
}
// #endregion

// #region steer
/** Watches a run, and tells the model to hurry after `ms` milliseconds. */
export async function hurried(run: Run, ms: number): Promise<RunResult> {
  const timer = setTimeout(() => run.steer('Please come to an end.'), ms);
  try {
    return await run.result;
  } finally {
    clearTimeout(timer);
  }
}
// #endregion

// #region output
const invoice = z.object({ customer: z.string(), eur: z.number().positive() });

/** Reads an invoice; the answer is typed and checked. */
export async function readInvoice(model: Model, text: string): Promise<z.output<typeof invoice>> {
  const agent = new Agent({ model, output: invoice });
  const { output, stopReason } = await agent.run(`Read this invoice:\n${text}`);
  if (output === undefined) throw new Error(`No invoice: the run ended with ${stopReason}.`);
  return output;
}
// #endregion

// #region nested
/** An editor that has a researcher look things up, and hands angry customers over to a person’s assistant. */
export function editor(model: Model, search: Tool<unknown>, assistant: Agent): Agent {
  const researcher = new Agent({
    name: 'researcher',
    model,
    instructions: 'Find out what is asked, and name your sources.',
    tools: [search],
  });
  return new Agent({
    name: 'editor',
    model,
    tools: [
      researcher.asTool({
        name: 'research',
        description: 'Has a question looked into. Say all that is needed to understand it.',
        limits: [limit.steps(5)],
      }),
      assistant.asHandover({ name: 'hand_over', description: 'Passes an angry customer on.' }),
    ],
  });
}
// #endregion

// #region history
/** Keeps a long conversation under 150,000 tokens, old parts put into a summary. */
export function patient(model: Model): Agent {
  return new Agent({
    model,
    compaction: { atTokens: 150_000, shorten: compact.summarise({ keep: 5 }) },
  });
}
// #endregion

// #region prepare
/** The first step must look; only then the model may think and answer. */
export function lookFirst(model: Model, look: Tool<unknown>): Agent {
  return new Agent({
    model,
    tools: [look],
    prepareStep: ({ step }) => (step === 1 ? { toolChoice: { name: look.name } } : undefined),
  });
}
// #endregion
