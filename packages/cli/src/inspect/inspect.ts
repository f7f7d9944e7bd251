// inspect/ owns the command that opens the inspector over a folder of sessions, and which agent runs on what is decided there. It
// does not own the page or what it may do: @throughline/inspector does.

import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { anyfast } from '@throughline/anyfast';
import { inspector } from '@throughline/inspector';
import type { ActingAgent } from '@throughline/inspector';
import { cassette } from '@throughline/testing';
import { loadAgent } from '../agent/load-agent.ts';
import type { Command, Host } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { readOptions } from '../read-options.ts';
import { Ending } from '../run/ending.ts';
import { sessionFolder } from '../sessions/session-folder.ts';
import type { SessionFolder } from '../sessions/session-folder.ts';
import { Printer } from '../terminal/printer.ts';
import { UsageError } from '../usage-error.ts';

const usage = `Usage: throughline inspect [FOLDER]   a page over the sessions of a folder, on 127.0.0.1

FOLDER is where sessions are kept; default: .throughline/sessions. The page reads the files as they are; one that another process has
open is read, too. The address that is printed has a token in it: who has it can read every session of the folder.

Options:
  --agent FILE    runs on what is approved, refused or forked in the page: a .ts or .js file that exports an agent.
                  Without it the page only shows
  --port PORT     default: a free one

Ctrl-C ends it.
`;

export const inspect: Command = {
  usage,
  async run(args, host) {
    const options = { agent: { type: 'string' }, port: { type: 'string' } } as const;
    const { values, positionals } = readOptions(args, options, usage);
    if (positionals.length > 1) throw new UsageError(`Name one folder.\n\n${usage}`);
    const port = portOf(values.port);
    const folder = sessionFolder(positionals[0], host);
    await checkFolder(folder.dir);
    const loaded =
      values.agent === undefined ? undefined : await loadAgent({ agent: values.agent }, host);
    try {
      return await serve(folder, { port, agent: loaded?.agent }, host);
    } finally {
      await loaded?.close();
    }
  },
};

async function serve(
  { dir, store }: SessionFolder,
  { port, agent }: { readonly port: number; readonly agent: ActingAgent | undefined },
  host: Host,
): Promise<number> {
  const inspected = inspector({
    sessions: store,
    body: ({ model, request }) => anyfast.body(model, request),
    cassette: ({ file, log, runId }) =>
      cassette.fromSession(file, log, { body: anyfast.body, runId }),
    ...(agent === undefined ? {} : { agent }),
  });
  const ending = new Ending(host);
  try {
    const server = await inspected.listen({ port });
    new Printer(host).out(`The inspector shows ${dir}:\n${server.url}`);
    if (!ending.signal.aborted) await once(ending.signal, 'abort');
    await server.close();
    return ending.code ?? exitCode.answer;
  } finally {
    ending.release();
  }
}

function portOf(given = '0'): number {
  const port = Number(given);
  if (/^\d{1,5}$/.test(given) && port < 65_536) return port;
  throw new UsageError(`--port must be a number from 0 to 65535, not "${given}".`);
}

/** A wrong name must not look like an empty folder. */
async function checkFolder(dir: string): Promise<void> {
  const facts = await stat(dir).catch(() => undefined);
  if (facts?.isDirectory() === true) return;
  throw new UsageError(
    `There is no folder ${dir}. throughline chat makes .throughline/sessions with its first session.`,
  );
}
