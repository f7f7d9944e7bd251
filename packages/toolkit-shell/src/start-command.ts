import { tool } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import type { Commands } from './commands.ts';
import { commandInput, launch } from './launcher.ts';
import type { Setting } from './launcher.ts';
import { folderInput } from './place.ts';
import { reportEnd, reportRunning } from './report.ts';
import { allowedLine } from './rule.ts';
import type { CommandRule } from './rule.ts';

/** So long the first output, or a failure to begin, is waited for. */
const firstMs = 300;

/** The tool `start_command`. A person is asked as for `run_command`. */
export function startCommand(
  commands: Commands,
  setting: Setting,
  rules: readonly CommandRule[],
): Tool<unknown> {
  return tool({
    name: 'start_command',
    description:
      'Starts a bash command line in the background and tells its id: for a server, a watcher, a long build. It has no input and no ' +
      'terminal. wait_for_command waits for its end, command_output reads what it wrote, stop_command ends it.',
    inputSchema: z.object({ command: commandInput, folder: folderInput }),
    effect: 'destructive',
    approve: async ({ command }) => (await allowedLine(rules, command)) !== undefined || 'ask',
    async execute({ command, folder }, scope) {
      const line = (await allowedLine(rules, command)) ?? command;
      const how = await launch(setting, line, folder);
      commands.checkRoom();
      const started = await commands.start(scope, how);
      started.unref();
      // A call that is given up never tells the id, so nobody could stop the command.
      await started.endsWithin(firstMs, scope.signal).catch((reason: unknown) => {
        void started.stop('aborted');
        throw reason;
      });
      const id = `The command has the id "${started.id}".`;
      const { ending } = started;
      return `${id} ${ending === undefined ? reportRunning(started) : reportEnd(started, ending)}`;
    },
  });
}
