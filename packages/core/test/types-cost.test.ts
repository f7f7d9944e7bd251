import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ts from 'typescript';
import { afterAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

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

const base = ts.readConfigFile(join(root, '../../tsconfig.base.json'), (file) =>
  ts.sys.readFile(file),
);
const { options } = ts.parseJsonConfigFileContent(base.config, ts.sys, root);

/** Three programs of nearly the same files: each file is read and parsed once. */
const parsed = new Map<string, ts.SourceFile | undefined>();
afterAll(() => parsed.clear());

/**
 * What `tsc --extendedDiagnostics` calls Instantiations: of the whole program, the framework's sources, zod and Node's types
 * included; or of this file alone, with what it needs of the others.
 */
function instantiations(source: string, { alone = false } = {}): number {
  const file = join(root, 'test/fifty-tools.ts');
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, language) => {
    if (name === file) return ts.createSourceFile(name, source, language);
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, language));
    return parsed.get(name);
  };
  const program = ts.createProgram([file], options, host);
  const checked = alone ? program.getSourceFile(file) : undefined;
  const errors = ts.getPreEmitDiagnostics(program, checked);
  expect(errors.map(({ messageText }) => messageText)).toEqual([]);
  return program.getInstantiationCount();
}

it('costs the compiler at most 50,000 instantiations to check a file of fifty nested tools', () => {
  const ofUsual = instantiations(usual);
  expect(ofUsual).toBeGreaterThan(10_000);
  expect(ofUsual).toBeLessThanOrEqual(50_000);
  // Where tools have everything, zod’s schemas cost by far the most; what we add to them is bounded.
  const ofRich = instantiations(rich, { alone: true });
  const ofZod = instantiations(richWithoutUs, { alone: true });
  expect(ofZod).toBeGreaterThan(10_000);
  expect(ofRich - ofZod).toBeLessThanOrEqual(40_000);
});
