import { toolkitSuite } from '@throughline/testing';
import type { ToolInput, ToolkitCases } from '@throughline/testing';
import { describe, it } from 'vitest';
import { shell } from '../src/index.ts';
import { idIn, workshop } from './call.ts';

const shop = workshop();

/** The id of a command that is started first. */
const started =
  (command: string, more: object = {}): ToolInput =>
  async (call) => ({ id: idIn(await call('start_command', { command })), ...more });

describe('the toolkit', () => {
  const cases: ToolkitCases = {
    make: () => ({
      toolkit: shell({
        cwd: shop.root,
        allowRead: [
          ['seq', '1', '100000'],
          ['sleep', '300'],
        ],
      }),
    }),
    tools: {
      run_command: {
        effect: 'destructive',
        works: { command: 'echo done' },
        fails: { command: 'true', folder: 'nowhere' },
        tellsMuch: { command: 'head -c 3000000 /dev/zero' },
        waits: { command: 'sleep 300' },
      },
      run_read_command: {
        effect: 'read',
        works: { command: 'seq 1 100000' },
        fails: { command: 'rm -rf x' },
        tellsMuch: { command: 'seq 1 100000; seq 1 100000' },
        waits: { command: 'sleep 300' },
      },
      start_command: {
        effect: 'destructive',
        works: { command: 'sleep 300' },
        fails: { command: 'true', folder: '..' },
        tellsMuch: { command: 'head -c 3000000 /dev/zero' },
      },
      command_output: {
        effect: 'read',
        works: started('echo done'),
        fails: { id: '17' },
        tellsMuch: started('head -c 3000000 /dev/zero'),
      },
      wait_for_command: {
        effect: 'read',
        works: started('echo done'),
        fails: { id: '17' },
        tellsMuch: started('head -c 3000000 /dev/zero; sleep 300', { seconds: 1 }),
        waits: started('sleep 300'),
      },
      stop_command: {
        effect: 'write',
        works: started('setsid sleep 300 & sleep 300'),
        fails: { id: '17' },
        tellsMuch: started('yes'),
      },
    },
  };
  for (const check of toolkitSuite(cases)) it(check.name, () => check.run());
});
