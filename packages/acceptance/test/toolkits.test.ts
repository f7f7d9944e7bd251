import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toMoonshotSchema } from '@throughline/anyfast';
import type { Toolkit } from '@throughline/core';
import { checkParameters } from '@throughline/simulator';
import { files } from '@throughline/toolkit-files';
import { plan } from '@throughline/toolkit-plan';
import { shell } from '@throughline/toolkit-shell';
import { web } from '@throughline/toolkit-web';
import { afterAll, describe, expect, it } from 'vitest';

const folder = await mkdtemp(join(tmpdir(), 'throughline-toolkits-'));
const toolkits: readonly Toolkit[] = [
  files({ root: folder }),
  web({ search: () => [] }),
  shell({ cwd: folder, allowRead: [['true']] }),
  plan(),
];
afterAll(async () => {
  for (const toolkit of toolkits) await toolkit.dispose?.();
  await rm(folder, { recursive: true });
});

const tools = toolkits.flatMap(({ name: kit, tools }) => tools.map((tool) => ({ kit, tool })));

describe.each(tools)('the schema of $tool.name of $kit', ({ tool }) => {
  it('compiles to what the endpoint’s own rules accept, and tells in words what has no keyword there', async () => {
    const { schema, losses } = await toMoonshotSchema(await tool.inputSchema.describe());
    for (const { lost } of losses) expect(JSON.stringify(schema)).toContain(lost);
    expect(checkParameters(schema)).toBeUndefined();
  });
});
