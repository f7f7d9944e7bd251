import { anyfast } from '@throughline/anyfast';
import { Agent } from '@throughline/core';
import { files } from '@throughline/toolkit-files';
import { plan } from '@throughline/toolkit-plan';
import { shell } from '@throughline/toolkit-shell';
import { testCommand } from './mending-script.ts';

/** An agent at work on the repository in `root`: it reads, edits, runs the tests, plans and asks. Any other command needs a person's consent. */
export function mendingAgent(root: string, endpoint: { baseURL?: string; apiKey?: string } = {}) {
  return new Agent({
    model: anyfast('kimi-k2.6', endpoint),
    instructions: 'Mend what is broken. Ask where only a person knows.',
    tools: [
      files({ root, write: true }),
      shell({ cwd: root, allow: [testCommand.split(' ')], allowRead: [['git', 'diff']] }),
      plan(),
    ],
  });
}
