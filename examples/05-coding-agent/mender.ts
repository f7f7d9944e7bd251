import { Agent, limit } from '@throughline/core';
import type { Model } from '@throughline/core';
import { files } from '@throughline/toolkit-files';
import { shell } from '@throughline/toolkit-shell';

export const testCommand = 'node --test --test-reporter=tap';

/** An agent that mends code in `root`. It may run the tests and look at the diff; about other commands a person is asked. */
export function mender(model: Model, root: string): Agent {
  return new Agent({
    name: 'mender',
    model,
    instructions: `Mend what is broken, by the smallest change. \`${testCommand}\` runs the tests.`,
    tools: [
      files({ root, write: true }),
      shell({ cwd: root, allow: [testCommand.split(' ')], allowRead: [['git', 'diff']] }),
    ],
    limits: [limit.steps(30), limit.cost({ usd: 0.5 })],
  });
}
