import type { Command, Host } from './command.ts';
import { exitCode } from './exit-code.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/** A command's line in the overview, and its module, which is loaded only when the command is used. */
interface Entry {
  readonly summary: string;
  load(): Promise<Command>;
}

const commands: Readonly<Record<string, Entry>> = {
  chat: {
    summary: 'talk with an agent in this terminal',
    load: async () => (await import('./chat/chat.ts')).chat,
  },
  run: {
    summary: 'ask once; the answer goes to stdout',
    load: async () => (await import('./run/run.ts')).run,
  },
  sessions: {
    summary: 'list, show, fork, export, resume and decide stored conversations',
    load: async () => (await import('./sessions/sessions.ts')).sessions,
  },
  acp: {
    summary: 'run an agent in an editor, over the Agent Client Protocol',
    load: async () => (await import('./acp/acp.ts')).acp,
  },
  inspect: {
    summary: 'see sessions and runs in a page on this machine; decide, fork, export',
    load: async () => (await import('./inspect/inspect.ts')).inspect,
  },
  doctor: {
    summary: 'say what an endpoint does: check your key with it first',
    load: async () => (await import('./doctor/doctor.ts')).doctor,
  },
  new: {
    summary: 'begin a package: an agent, or a toolkit',
    load: async () => (await import('./new/new.ts')).newPackage,
  },
  simulate: {
    summary: 'run the simulator of the endpoint on this machine, for any client',
    load: async () => (await import('./simulate/simulate.ts')).simulate,
  },
};

/** The command line: finds the command and runs it. Writes every error in words to `stderr` and returns the exit code. */
export async function main(args: readonly string[], host: Host): Promise<number> {
  const [name, ...rest] = args;
  try {
    return await dispatch(name, rest, host);
  } catch (error) {
    return tell(error, host);
  }
}

async function dispatch(name: string | undefined, rest: readonly string[], host: Host) {
  if (name === '--version' || name === '-v') return print(host, `throughline ${version}`);
  if (name === undefined || name === '--help' || name === '-h') return print(host, overview());
  if (name === 'help') {
    const [about] = rest;
    return print(host, about === undefined ? overview() : (await find(about)).usage);
  }
  const command = await find(name);
  if (rest.includes('--help') || rest.includes('-h')) return print(host, command.usage);
  return command.run(rest, host);
}

function find(name: string): Promise<Command> {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined)
    throw new UsageError(`There is no command "${name}".\n\n${overview().trimEnd()}`);
  return entry.load();
}

function overview(): string {
  const width = Math.max(0, ...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
  );
  return [
    'throughline: agents for Kimi K2.6, from the command line.',
    '',
    'Usage: throughline <command> [options]',
    '',
    ...lines,
    '',
    'throughline help <command> tells more of one.',
  ].join('\n');
}

/** Says in words what went wrong. A bug shows its stack; an error that says what to do needs none. */
async function tell(error: unknown, host: Host): Promise<number> {
  const { Printer } = await import('./terminal/printer.ts');
  const { wordsWithBuild } = await import('./not-built.ts');
  const told = error instanceof Error ? error : new Error(String(error));
  const hasWords = error instanceof UsageError || (error as { code?: unknown }).code !== undefined;
  new Printer(host).say(hasWords ? wordsWithBuild(told) : (told.stack ?? told.message));
  return error instanceof UsageError ? exitCode.usage : exitCode.failed;
}

function print(host: Host, text: string): number {
  host.stdout.write(`${text}\n`);
  return exitCode.answer;
}
