import { tool } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import type { Commands } from './commands.ts';
import { idInput } from './id.ts';
import { reportEnd } from './report.ts';

/** The tool `stop_command`. It ends only what this run has started, so nobody is asked. */
export function stopCommand(commands: Commands): Tool<unknown> {
  return tool({
    name: 'stop_command',
    description:
      'Ends a command of start_command with all its processes, and tells what it wrote last.',
    inputSchema: z.object({ id: idInput }),
    effect: 'write',
    async execute({ id }, scope) {
      const command = commands.find(scope, id);
      const before = command.ending === undefined ? '' : 'It had ended before. ';
      return before + reportEnd(command, await command.stop('stopped'));
    },
  });
}
