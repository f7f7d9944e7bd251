import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** Within `node_modules`, so that no other program that reads the sources comes across it. */
const scratch = join(root, 'node_modules/.types-cost');

const imports = `
  import * as z from 'zod';
  import { Agent, tool } from '${join(root, 'src/index.ts')}';
  import type { CallScope, Model } from '${join(root, 'src/index.ts')}';
  export interface App { readonly user: { readonly name: string } }
  export declare const model: Model;
  export type Used = [typeof z, typeof Agent, typeof tool, CallScope<App>];
`;

const numbers = Array.from({ length: 50 }, (_, at) => at);

/** An agent with fifty tools, in toolkits within lists within lists, and a run with the context they need. */
function agentOf(tools: readonly string[]): string {
  const nested = Array.from({ length: 10 }, (_, kit) => {
    const [a, b, c, d, e] = [0, 1, 2, 3, 4].map((at) => `tool${kit * 5 + at}`);
    return `[${a}, [${b}, { name: 'kit${kit}', tools: [${c}, ${d}] }], ${e}]`;
  });
  return `${imports}${tools.join('')}
    const agent = new Agent({ model, tools: [${nested.join(', ')}] });
    export const result = agent.run('go', { context: { user: { name: 'n' } } });
  `;
}

/** As tools mostly are: an object with an object in it. */
const usual = agentOf(
  numbers.map(
    (at) => `
    const tool${at} = tool({
      name: 'tool_${at}',
      description: 'Does ${at}.',
      inputSchema: z.object({ id${at}: z.string(), page: z.object({ from: z.number(), to: z.number() }) }),
      execute: ({ id${at}, page }, { context }: CallScope<App>) =>
        ({ row: id${at} + page.from.toFixed() + context.user.name }),
    });`,
  ),
);

/** Everything a tool can have, with schemas three objects deep. */
const inputOf = (at: number) => `z.object({
  id${at}: z.string(),
  filter: z.object({
    from${at}: z.number().optional(),
    tags: z.array(z.object({ key${at}: z.enum(['a', 'b']), value: z.string().transform(Number) })),
  }).default({ tags: [] }),
  mode: z.union([z.literal('x${at}'), z.literal('y')]),
})`;
const outputOf = (at: number) =>
  `z.object({ total${at}: z.number(), rows: z.array(z.object({ id: z.string() })) })`;

const rich = agentOf(
  numbers.map(
    (at) => `
    const tool${at} = tool({
      name: 'tool_${at}',
      description: 'Does ${at}.',
      inputSchema: ${inputOf(at)},
      outputSchema: ${outputOf(at)},
      approve: ({ mode }) => mode === 'y' || 'ask',
      locks: ({ id${at} }) => [id${at}],
      async *execute({ id${at}, filter, mode }, { context, signal }: CallScope<App>) {
        yield { id${at}, mode };
        signal.throwIfAborted();
        const rows = filter.tags.map(({ value }) => ({ id: context.user.name + value.toFixed() }));
        return { total${at}: filter.from${at} ?? 0, rows };
      },
      toModel: ({ total${at}, rows }) => total${at}.toFixed() + rows.length,
    });`,
  ),
);

/** The same schemas and functions over their types, without us. */
const richWithoutUs = `${imports}${numbers
  .map(
    (at) => `
    const input${at} = ${inputOf(at)};
    const output${at} = ${outputOf(at)};
    export const run${at} = (x: z.output<typeof input${at}>): z.input<typeof output${at}> => ({
      total${at}: x.filter.from${at} ?? 0,
      rows: x.filter.tags.map(({ value }) => ({ id: value.toFixed() })),
    });
    export const tell${at} = ({ rows }: z.output<typeof output${at}>) => rows.length;`,
  )
  .join('')}`;

async function instantiations(source: string): Promise<number> {
  await mkdir(scratch, { recursive: true });
  const folder = await mkdtemp(join(scratch, 'of-'));
  try {
    await writeFile(join(folder, 'tools.ts'), source);
    const config = { extends: join(root, '../../tsconfig.base.json'), files: ['tools.ts'] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const args = [tsc, '-p', folder, '--extendedDiagnostics'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    return Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it('costs the compiler at most 50,000 instantiations to check a file of fifty nested tools', async () => {
  const sources = [usual, rich, richWithoutUs];
  const [ofUsual = 0, ofRich = 0, ofZod = 0] = await Promise.all(sources.map(instantiations));
  // tsc’s own figure for the whole program: the framework’s sources, zod and Node’s types included.
  expect(ofUsual).toBeGreaterThan(10_000);
  expect(ofUsual).toBeLessThanOrEqual(50_000);
  // Where tools have everything, zod’s schemas cost by far the most; what we add to them is bounded.
  expect(ofZod).toBeGreaterThan(10_000);
  expect(ofRich - ofZod).toBeLessThanOrEqual(40_000);
}, 60_000);
