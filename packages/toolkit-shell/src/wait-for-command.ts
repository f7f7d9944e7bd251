import { tool } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import type { Commands } from './commands.ts';
import { idInput } from './id.ts';
import { reportEnd, reportRunning } from './report.ts';

/** The tool `wait_for_command`. That the time is over is no failure: the command runs on. */
export function waitForCommand(commands: Commands): Tool<unknown> {
  return tool({
    name: 'wait_for_command',
    description:
      'Waits until a command of start_command has ended, or until the time is over, and tells how it stands and what it wrote last. The command runs on.',
    inputSchema: z.object({
      id: idInput,
      seconds: z.number().min(0).max(600).default(30).describe('How many seconds to wait at most.'),
    }),
    effect: 'read',
    async execute({ id, seconds }, scope) {
      const command = commands.find(scope, id);
      await command.endsWithin(seconds * 1000, scope.signal);
      return command.ending === undefined
        ? reportRunning(command)
        : reportEnd(command, command.ending);
    },
  });
}
