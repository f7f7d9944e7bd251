// chat/ owns the conversation with a person at a terminal: keys, screen, questions, commands. It does not own how text becomes lines
// and keys are read (terminal/), nor where agents and sessions come from.

import process from 'node:process';
import { loadAgent } from '../agent/load-agent.ts';
import type { Command, Host } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { agentFile, agentOptions, agentUsage, readOptions } from '../read-options.ts';
import { chooseSession, prepareFolder, sessionFolder } from '../sessions/session-folder.ts';
import { loadWidths } from '../terminal/graphemes.ts';
import { loadLexer } from '../terminal/markdown-stream.ts';
import { UsageError } from '../usage-error.ts';
import { ChatApp } from './chat-app.ts';
import { runCommand } from './chat-commands.ts';
import { handsOf } from './chat-hands.ts';
import { ChatSession } from './chat-session.ts';
import { HistoryFile } from './history-file.ts';
import { TerminalInput } from './terminal-input.ts';

const usage = `Usage: throughline chat [options] [AGENT.ts]

Talks with an agent in this terminal. Its calls are shown; one that needs a person is asked about. /help
tells the commands and keys.

Options:
${agentUsage}
  --session ID    the session to go on with, or a new one of this name
  --continue      go on with the session that changed last
`;

export const chat: Command = {
  usage,
  async run(args, host) {
    const { values, positionals } = readOptions(
      args,
      { ...agentOptions, session: { type: 'string' }, continue: { type: 'boolean' } },
      usage,
    );
    const file = agentFile(values.agent, positionals, usage);
    if (host.stdin.isTTY !== true || host.stdout.isTTY !== true) {
      throw new UsageError(
        'chat needs a terminal, and this is none. Use throughline run "what to do".',
      );
    }
    const folder = sessionFolder(values.folder, host);
    const id = await chooseSession(folder, values);
    const loaded = await loadAgent({ agent: file, mcp: values.mcp }, host, { quiet: true });
    try {
      await prepareFolder(values.folder, host);
      const sessions = await ChatSession.open(folder, id);
      try {
        return await talk({ host, loaded, sessions });
      } finally {
        await sessions.close();
      }
    } finally {
      await loaded.close();
    }
  },
};

async function talk(
  parts: Pick<ChatApp['parts'], 'host' | 'loaded' | 'sessions'>,
): Promise<number> {
  const { host } = parts;
  const history = new HistoryFile(host);
  const app: ChatApp = new ChatApp({
    ...parts,
    history,
    typedBefore: await history.read(),
    command: (line) => runCommand(line, handsOf(app)),
  });
  const input = new TerminalInput(host, {
    key: (key) => app.key(key),
    end: () => app.leave(exitCode.answer),
  });
  const release = untilSignal(host, app);
  input.open();
  try {
    // The prompt stands at once. What reads and measures all that may come is loaded before the first key is read.
    if (!app.beginsPlain) await loadAll();
    app.begin();
    await loadAll();
    input.listen();
    return await app.ended;
  } finally {
    input.close();
    release();
  }
}

async function loadAll(): Promise<void> {
  await Promise.all([loadWidths(), loadLexer()]);
}

/** Leaves at a signal, and follows the size of the terminal. */
function untilSignal({ stdout }: Host, app: ChatApp): () => void {
  const interrupt = () => app.leave(exitCode.interrupted);
  const terminate = () => app.leave(exitCode.terminated);
  const hangUp = () => app.leave(exitCode.hungUp);
  const resize = () => app.resized();
  const gone = () => app.leave(exitCode.failed);
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', terminate);
  process.on('SIGHUP', hangUp);
  stdout.on('resize', resize);
  stdout.on('error', gone);
  return () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', terminate);
    process.off('SIGHUP', hangUp);
    stdout.off('resize', resize);
  };
}
