import { simulatorCommand, simulatorHelp } from '@throughline/simulator';
import type { Command } from '../command.ts';

/** The simulator's own command, under our name. It resolves when it listens; SIGINT or SIGTERM ends it. */
export const simulate: Command = {
  usage: underOurName(simulatorHelp),
  run: (args, host) =>
    simulatorCommand(args, {
      out: (line) => void host.stdout.write(`${line}\n`),
      error: (line) => void host.stderr.write(`${underOurName(line)}\n`),
    }),
};

function underOurName(text: string): string {
  return text.replaceAll('throughline-simulator', 'throughline simulate');
}
