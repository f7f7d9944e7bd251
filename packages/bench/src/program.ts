import { lastText } from './script.ts';
import type { Scenario } from './script.ts';

/** A program with one agent and one tool. */
export interface Program {
  readonly source: string;
  /** What is left out of its bundle and found where it is installed, so that it does not count. */
  readonly external: readonly string[];
}

const zod = ['zod', 'zod/*'];

/** Our own programs, by what they are told apart by: who makes the tool's schema, and whether zod counts. */
export const programs = {
  'with zod': { source: sourceWith('zod'), external: [] },
  'with zod/mini': { source: sourceWith('zod/mini'), external: [] },
  // What our own packages weigh: zod is not theirs, but what it makes them load is.
  'without zod': { source: sourceWith('zod/mini'), external: zod },
  'with JSON Schema': { source: sourceWith('JSON Schema'), external: zod },
} as const satisfies Record<string, Program>;

/** An ordinary run: the model calls the tool once and then answers. */
export const ordinary: Partial<Scenario> = { steps: 2 };

/** What a program prints in an ordinary run: the place its tool was called with, and the answer. */
export const ordinaryOutput = `place 0: ${lastText}`;

function sourceWith(schema: 'zod' | 'zod/mini' | 'JSON Schema'): string {
  const zod = schema === 'JSON Schema' ? '' : `import * as z from '${schema}';`;
  const input =
    schema === 'JSON Schema'
      ? `{ type: 'object', properties: { at: { type: 'string' } }, required: ['at'] }`
      : 'z.object({ at: z.string() })';
  return `
    import { anyfast } from '@throughline/anyfast';
    import { Agent, tool } from '@throughline/core';
    ${zod}
    const look = tool({
      name: 'look',
      description: 'Looks at a place.',
      effect: 'read',
      inputSchema: ${input},
      execute: ({ at }) => {
        process.stdout.write(at + ': ');
        return 'Nothing at ' + at;
      },
    });
    const agent = new Agent({ model: anyfast('kimi-k2.6'), tools: [look] });
    process.stdout.write((await agent.run('Look around.')).text);
  `;
}
