// sessions/ owns the command over stored conversations, and which folder and session a command means. It does not own how sessions
// are stored: @throughline/sessions does.

import type { Command, Host } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { agentUsage, readOptions } from '../read-options.ts';
import { Printer } from '../terminal/printer.ts';
import { UsageError } from '../usage-error.ts';
import { decideCall, resumeSession } from './go-on.ts';
import { listSessions } from './list-sessions.ts';
import { eventLines, sessionAsMarkdown } from './read-session.ts';
import { checkSession, newSessionId, sessionFolder } from './session-folder.ts';
import { sessionsOptions } from './sessions-options.ts';
import type { SessionsOptions } from './sessions-options.ts';
import { showSession } from './show-session.ts';

const usage = `Usage: throughline sessions [list]                 the stored conversations, the newest first
       throughline sessions show ID               how one stands, and what waits for a person
       throughline sessions fork ID [NEW]         a new one that begins as it is now; --at LINE: as it was
       throughline sessions export ID             as Markdown on stdout; --json: as it is stored, line by line
       throughline sessions resume ID             go on with a run that was stopped, cut or suspended
       throughline sessions decide ID CALL        decide a call that waits, and go on:
                                                  --approve, --refuse "why", --answer "words", --result JSON

Options:
${agentUsage}
  --json          list, export, resume, decide: lines of JSON
`;

export const sessions: Command = {
  usage,
  async run(args, host) {
    const { values, positionals } = readOptions(args, sessionsOptions, usage);
    const [action = 'list', ...names] = positionals;
    const most = { list: 0, show: 1, export: 1, resume: 1, fork: 2, decide: 2 }[action];
    if (most === undefined) throw new UsageError(`There is no "sessions ${action}".\n\n${usage}`);
    const [id, other] = names;
    if (names.length > most || (action !== 'list' && id === undefined)) {
      throw new UsageError(`"sessions ${action}" is called wrongly.\n\n${usage}`);
    }
    if (action === 'list' || id === undefined) return listSessions(values, host);
    await checkSession(sessionFolder(values.folder, host), id);
    if (action === 'show') return showSession(id, values, host);
    if (action === 'fork') return fork(id, other, { values, host });
    if (action === 'export') return exportSession(id, values, host);
    if (action === 'resume') return resumeSession(id, values, host);
    if (other === undefined) throw new UsageError(`Which call?\n\n${usage}`);
    return decideCall(id, other, { values, host });
  },
};

async function fork(
  id: string,
  newId: string = newSessionId(),
  { values, host }: { readonly values: SessionsOptions; readonly host: Host },
): Promise<number> {
  const { at } = values;
  if (at !== undefined && !/^[1-9]\d*$/.test(at)) {
    throw new UsageError(`--at must be the number of a line, not "${at}".`);
  }
  const { store } = sessionFolder(values.folder, host);
  await store.fork(id, newId, at === undefined ? {} : { seq: Number(at) });
  new Printer(host).out(newId);
  return exitCode.answer;
}

async function exportSession(id: string, values: SessionsOptions, host: Host): Promise<number> {
  const session = await sessionFolder(values.folder, host).store.open(id);
  const printer = new Printer(host);
  try {
    if (!values.json) printer.out(await sessionAsMarkdown(session));
    else for await (const line of eventLines(session)) printer.json(line);
  } finally {
    await session.close();
  }
  return exitCode.answer;
}
