import { tool } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import type { Commands } from './commands.ts';
import { commandInput, launch } from './launcher.ts';
import type { Setting } from './launcher.ts';
import { folderInput } from './place.ts';
import { allowedLine } from './rule.ts';
import type { CommandRule } from './rule.ts';
import { runToEnd } from './run-to-end.ts';
import { timeoutInput } from './timeout.ts';
import type { Timeouts } from './timeout.ts';

/** The tool `run_command`. A person is asked about a command that no rule allows. */
export function runCommand(
  commands: Commands,
  setting: Setting,
  rules: readonly CommandRule[],
  timeouts: Timeouts,
): Tool<unknown> {
  return tool({
    name: 'run_command',
    description:
      'Runs a bash command line to its end and tells its exit code and what it wrote, both outputs in one. ' +
      'There is no input and no terminal: what would ask or page ends or fails. Nothing it starts outlives it; ' +
      'use start_command for a server or anything that takes longer. Each command begins anew: `cd` and variables are not kept.',
    inputSchema: z.object({
      command: commandInput,
      folder: folderInput,
      timeout_seconds: timeoutInput(timeouts),
    }),
    effect: 'destructive',
    approve: async ({ command }) => (await allowedLine(rules, command)) !== undefined || 'ask',
    async *execute({ command, folder, timeout_seconds }, scope) {
      // What a rule has allowed runs as it was understood, so that the shell cannot understand it otherwise.
      const line = (await allowedLine(rules, command)) ?? command;
      const how = await launch(setting, line, folder);
      return yield* runToEnd(commands, how, { scope, timeoutMs: timeout_seconds * 1000 });
    },
  });
}
