import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent } from '@throughline/core';
import { files } from '@throughline/toolkit-files';
import { fromMcpJson, mcp, serveMcp } from '@throughline/toolkit-mcp';
import { expect, test } from 'vitest';
import { caller } from './support/calls.ts';
import { folder, referenceServer } from './support/servers.ts';

const here = folder();

test('what one process serves another one uses, beside the servers of a .mcp.json', async () => {
  const root = join(here.path, 'orders');
  await mkdir(root);
  await writeFile(join(root, '17.md'), 'A lamp, 40 EUR.\n');
  const home = process.cwd();
  process.chdir(here.path);
  const args = [referenceServer('memory')];
  const memory = {
    command: process.execPath,
    args,
    env: { MEMORY_FILE_PATH: join(here.path, 'm') },
  };
  await writeFile('.mcp.json', JSON.stringify({ mcpServers: { memory } }));
  try {
    // #region serve
    const served = await serveMcp(files({ root: './orders' }), { http: true });
    // #endregion
    const { url = '', token = '' } = served;
    const model = caller([['orders__read_file', { path: '17.md' }]], [['memory__read_graph', {}]]);
    // #region use
    const kit = await mcp({
      servers: {
        ...(await fromMcpJson('.mcp.json')),
        orders: { url, headers: { authorization: `Bearer ${token}` }, trust: true },
      },
    });
    const agent = new Agent({ model, tools: [kit] });
    const result = await agent.run('What was in order 17?');
    await agent.dispose(); // ends the servers that were started
    // #endregion
    await served.close();
    const told = result.messages.flatMap((one) => (one.role === 'tool' ? [one.content] : []));
    expect(told[0]).toBe('17.md: line 1, the whole file.\nA lamp, 40 EUR.\n');
    expect(result.pending).toMatchObject([{ name: 'memory__read_graph' }]); // nobody believes its hints
  } finally {
    process.chdir(home);
  }
});
