// run/ owns one run for a program or a pipe: its input, its output, its exit code and how a signal ends it. It does not own a
// conversation with a person (chat/).

import type { Command, Host } from '../command.ts';
import { agentOptions, agentUsage, readOptions } from '../read-options.ts';
import { chooseSession } from '../sessions/session-folder.ts';
import { UsageError } from '../usage-error.ts';
import { withSession } from './with-session.ts';

const usage = `Usage: throughline run [options] "what to do"
       … | throughline run [options] ["what to do" -]

Asks an agent once. The answer goes to stdout, all else to stderr. Without words, they are read from
stdin; a last "-" puts stdin behind the words. The run is stored as a session. A call that needs a person
suspends it: the command that decides is printed.

Options:
${agentUsage}
  --session ID    the session to go on with, or a new one of this name
  --continue      go on with the session that changed last
  --json          print each event of the run as a line of JSON instead of the answer

Exit codes: 0 answer, 1 failed, 2 wrong use, 3 suspended, 4 limit, 5 cut by length or filter,
129 SIGHUP, 130 SIGINT, 141 broken pipe, 143 SIGTERM.
`;

export const run: Command = {
  usage,
  async run(args, host) {
    const { values, positionals } = readOptions(
      args,
      {
        ...agentOptions,
        session: { type: 'string' },
        continue: { type: 'boolean' },
        json: { type: 'boolean' },
      },
      usage,
    );
    const input = await inputOf(positionals, host);
    return withSession({
      host,
      again: values,
      json: values.json ?? false,
      choose: (folder) => chooseSession(folder, values),
      start: (agent, session, signal) => agent.stream(input, { session, signal }),
    });
  },
};

/** What the person asks: the words, or stdin where there are none, or both with a `-`. */
async function inputOf(words: readonly string[], { stdin }: Host): Promise<string> {
  const readsAfter = words.at(-1) === '-';
  const said = (readsAfter ? words.slice(0, -1) : words).join(' ').trim();
  const reads = readsAfter || said === '';
  if (reads && stdin.isTTY) {
    throw new UsageError(`There are no words to ask, and stdin is a terminal.\n\n${usage}`);
  }
  const piped = reads ? (await readAll(stdin)).replaceAll('\r\n', '\n').trim() : '';
  const input = [said, piped].filter((part) => part !== '').join('\n\n');
  if (input === '') throw new UsageError('There are no words to ask, and stdin was empty.');
  return input;
}

async function readAll(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('utf8');
}
