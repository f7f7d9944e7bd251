import process from 'node:process';
import { anyfast } from '@throughline/anyfast';
import { Agent } from '@throughline/core';
import type { Tool, Toolkit } from '@throughline/core';
import { files } from '@throughline/toolkit-files';
import { plan } from '@throughline/toolkit-plan';
import { shell } from '@throughline/toolkit-shell';
import { web } from '@throughline/toolkit-web';
import type { RunnableAgent } from './runnable-agent.ts';

/**
 * The agent of a person who brings none: files, shell, web and a plan, over one folder. Each command and each change of a file is put to
 * the person; on Windows it has no shell. `capabilities` is what the doctor found out about the endpoint.
 */
export function defaultAgent(
  folder: string,
  more: readonly Toolkit<unknown>[],
  capabilities?: object,
): RunnableAgent {
  return new Agent<unknown, unknown>({
    name: 'throughline',
    model: anyfast('kimi-k2.6', { capabilities }),
    instructions:
      'You help a person with the folder they are in. Look before you answer, name the files you rely on, and be brief. Answer in Markdown.',
    tools: [
      filesOf(folder),
      ...(process.platform === 'win32' ? [] : [shell({ cwd: folder })]),
      web(),
      plan(),
      ...more,
    ],
  });
}

/** The files toolkit, with a person asked about each change. */
function filesOf(root: string): Toolkit<unknown> {
  const kit = files({ root, write: true });
  const tools = kit.tools.map((tool): Tool<unknown> =>
    tool.effect === 'read' ? tool : { ...tool, approve: () => 'ask' },
  );
  return { ...kit, tools };
}
