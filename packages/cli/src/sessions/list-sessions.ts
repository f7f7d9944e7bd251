import type { Host } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { Printer } from '../terminal/printer.ts';
import { visibleLine } from '../terminal/visible-text.ts';
import { newestFirst, sessionFolder } from './session-folder.ts';

/** Prints all sessions, the one that changed last first. */
export async function listSessions(
  { folder: given, json = false }: { readonly folder?: string; readonly json?: boolean },
  host: Host,
): Promise<number> {
  const printer = new Printer(host);
  const folder = sessionFolder(given, host);
  const all = await newestFirst(folder);
  if (json) for (const session of all) printer.json(session);
  else if (all.length === 0) printer.say(`There are no sessions in ${folder.dir}.`);
  if (json) return exitCode.answer;
  const width = Math.max(0, ...all.map(({ id }) => id.length));
  for (const { id, changedAtMs, bytes, parent } of all) {
    const from = parent === undefined ? '' : `  fork of ${parent.id} at ${parent.seq}`;
    const size = `${Math.ceil(bytes / 1000)} kB`.padStart(8);
    printer.out(visibleLine(`${id.padEnd(width)}`) + `  ${localTime(changedAtMs)}${size}${from}`);
  }
  return exitCode.answer;
}

/** A moment as a person reads it, in the zone of this machine. */
export function localTime(ms: number): string {
  const at = new Date(ms);
  const two = (number: number) => String(number).padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
