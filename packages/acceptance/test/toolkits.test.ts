import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyfast, compileSchema } from '@throughline/anyfast';
import { Agent } from '@throughline/core';
import type { Toolkit } from '@throughline/core';
import { checkParameters, startSimulator } from '@throughline/simulator';
import { files } from '@throughline/toolkit-files';
import { operands, shell } from '@throughline/toolkit-shell';
import { web } from '@throughline/toolkit-web';
import { afterAll, describe, expect, it } from 'vitest';

const folder = await mkdtemp(join(tmpdir(), 'throughline-toolkits-'));
const toolkits: readonly Toolkit[] = [
  files({ root: folder }),
  web({ search: () => [] }),
  shell({ cwd: folder, allow: [['node', 'sum.test.mjs']], allowRead: [['cat', operands]] }),
];
afterAll(async () => {
  for (const toolkit of toolkits) await toolkit.dispose?.();
  await rm(folder, { recursive: true });
});

const tools = toolkits.flatMap(({ name: kit, tools }) => tools.map((tool) => ({ kit, tool })));

describe.each(tools)('the schema of $tool.name of $kit', ({ tool }) => {
  it('compiles to what the endpoint’s own rules accept, and tells in words what has no keyword there', async () => {
    const { schema, losses } = await compileSchema(await tool.inputSchema.describe());
    for (const { lost } of losses) expect(JSON.stringify(schema)).toContain(lost);
    expect(checkParameters(schema)).toBeUndefined();
  });
});

it('an agent finds out why a test fails, with commands that really run, over the strictest endpoint', async () => {
  await writeFile(join(folder, 'sum.mjs'), 'export const sum = (a, b) => a - b;\n');
  await writeFile(
    join(folder, 'sum.test.mjs'),
    "import { sum } from './sum.mjs';\nif (sum(2, 2) !== 4) throw new Error('2 + 2 is ' + sum(2, 2));\n",
  );
  const mend = "sed -i 's/a - b/a + b/' sum.mjs";
  const steps = [
    ['run_command', { command: 'node sum.test.mjs' }],
    ['run_read_command', { command: 'cat sum.mjs | cat' }],
    ['run_command', { command: mend }],
    ['run_command', { command: 'node sum.test.mjs' }],
  ] as const;
  const simulator = await startSimulator({
    strictness: 'moonshot',
    script: [
      ...steps.map(([name, args]) => ({ reasoning: 'Next.', calls: [{ name, arguments: args }] })),
      { text: 'Mended.' },
    ],
  });
  try {
    const model = anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key });
    const asked: string[] = [];
    const agent = new Agent({ model, tools: toolkits });
    const { text, messages } = await agent.run('Mend the failing test.', {
      decide: (call) => {
        asked.push(call.arguments);
        return { approve: true };
      },
    });
    expect(text).toBe('Mended.');
    const told = messages.flatMap(({ role, content }) => (role === 'tool' ? [content] : []));
    expect(told[0]).toMatch(/^Exit code 1 after [^]*Error: 2 \+ 2 is 0/);
    expect(told[1]).toContain('export const sum = (a, b) => a - b;');
    expect(told[3]).toMatch(/^Exit code 0 after /);
    expect(asked).toEqual([JSON.stringify({ command: mend })]);
    await expect(readFile(join(folder, 'sum.mjs'), 'utf8')).resolves.toContain('a + b');
    expect(simulator.requests.flatMap(({ lints }) => lints)).toEqual([]);
  } finally {
    await simulator.close();
  }
});
