import { tool } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import type { Commands } from './commands.ts';
import { idInput } from './id.ts';
import { reportPage } from './report.ts';

/** The tool `command_output`. It keeps no place of its own, so it may be called early, twice or beside others. */
export function commandOutput(commands: Commands): Tool<unknown> {
  return tool({
    name: 'command_output',
    description:
      'Reads what a command has written, a page at a time, while it runs and after its end: of start_command, and what a long result has left out.',
    inputSchema: z.object({
      id: idInput,
      offset: z.int().min(0).default(0).describe('How many bytes to leave out at the start.'),
    }),
    effect: 'read',
    execute: ({ id, offset }, scope) => reportPage(commands.find(scope, id), offset),
  });
}
