import { tool, ToolError } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import type { Commands } from './commands.ts';
import { commandInput, launch } from './launcher.ts';
import type { Setting } from './launcher.ts';
import { folderInput } from './place.ts';
import { allowedLine, describeRules } from './rule.ts';
import type { CommandRule } from './rule.ts';
import { runToEnd } from './run-to-end.ts';
import { timeoutInput } from './timeout.ts';
import type { Timeouts } from './timeout.ts';

/** The tool `run_read_command`: only what `rules` allow, which the host says changes nothing. So it may start early and overlap. */
export function runReadCommand(
  commands: Commands,
  setting: Setting,
  rules: readonly CommandRule[],
  timeouts: Timeouts,
): Tool<unknown> {
  const known = describeRules(rules);
  return tool({
    name: 'run_read_command',
    description:
      `Runs a command line that only reads, at once and beside other calls. Only these: ${known}. ` +
      'They may be joined by |, && and ;. Words are taken as they are: no variables, globs or redirections.',
    inputSchema: z.object({
      command: commandInput,
      folder: folderInput,
      timeout_seconds: timeoutInput(timeouts),
    }),
    effect: 'read',
    async *execute({ command, folder, timeout_seconds }, scope) {
      const line = await allowedLine(rules, command);
      if (line === undefined) {
        throw new ToolError(
          `This is no command that run_read_command takes. It takes words as they are, and only: ${known}. Use run_command for others.`,
        );
      }
      const how = await launch(setting, line, folder);
      return yield* runToEnd(commands, how, { scope, timeoutMs: timeout_seconds * 1000 });
    },
  });
}
