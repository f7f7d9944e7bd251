import { Agent, limit, tool } from '@throughline/core';
import type { Model } from '@throughline/core';
import { files } from '@throughline/toolkit-files';
import * as z from 'zod';

// #region tool
/** A tool of our own: models are poor at sums, programs are not. */
const addUp = tool({
  name: 'add_up',
  description: 'Adds amounts of money exactly. Use it for every sum.',
  inputSchema: z.object({
    amounts: z.array(z.object({ label: z.string(), eur: z.number() })).min(1),
  }),
  effect: 'read',
  execute: ({ amounts }) => {
    const cents = amounts.reduce((sum, { eur }) => sum + Math.round(eur * 100), 0);
    return { count: amounts.length, eur: cents / 100 };
  },
});
// #endregion

// #region agent
/** An agent that answers questions about the files in `folder`. */
export function explorer(model: Model, folder: string): Agent {
  return new Agent({
    name: 'explorer',
    model,
    instructions:
      'Answer questions about the files in a folder. Look before you answer, name the files you rely on, and be brief.',
    tools: [files({ root: folder }), addUp],
    limits: [limit.steps(20), limit.cost({ usd: 0.5 })],
  });
}
// #endregion
