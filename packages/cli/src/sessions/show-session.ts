import type { Host } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { commandLine } from '../run/command-line.ts';
import type { Again } from '../run/command-line.ts';
import { tellPending } from '../run/tell-pending.ts';
import { Printer } from '../terminal/printer.ts';
import { sessionAsMarkdown } from './read-session.ts';
import { sessionFolder } from './session-folder.ts';

/** Prints a conversation to stdout, and to stderr how it stands and which command goes on with it. */
export async function showSession(id: string, again: Again, host: Host): Promise<number> {
  const printer = new Printer(host);
  const session = await sessionFolder(again.folder, host).store.open(id);
  try {
    printer.out(await sessionAsMarkdown(session));
    printer.say(`${session.state}: ${session.messages.length} messages, ${session.lastSeq} lines`);
    if (session.state === 'suspended') await tellPending(session.pending, id, { printer, again });
    if (session.state === 'cut' || session.state === 'stopped') {
      printer.say(`To go on: ${commandLine(['sessions', 'resume', id], again)}`);
    }
  } finally {
    await session.close();
  }
  return exitCode.answer;
}
