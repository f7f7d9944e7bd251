import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ToolError } from '@throughline/core';
import type { CallScope } from '@throughline/core';
import { Command } from './command.ts';
import { Output } from './output.ts';
import { codeOf, count, shown } from './trouble.ts';

/** So many commands of one toolkit may run in the background at once. */
const mostRunning = 20;
/** The output of so many commands that have ended can still be asked for. */
const mostEnded = 50;

/** How a command is started. */
export interface Launch {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** All commands of one toolkit. Each belongs to the run that started it, and is unknown to every other. */
export class Commands {
  readonly #all = new Map<string, { readonly run: string; readonly command: Command }>();
  readonly #starting = new Set<Promise<unknown>>();
  #count = 0;
  #folder: string | undefined;
  #closed = false;

  /** Starts a command of the run that `scope` belongs to. Throws a `ToolError` where it cannot be started. */
  async start(scope: CallScope, launch: Launch): Promise<Command> {
    scope.signal.throwIfAborted();
    if (this.#closed)
      throw new ToolError('No command can be started any more: the shell was closed.');
    const id = String(++this.#count);
    const output = new Output(() => join((this.#folder ??= makeFolder()), `${id}.log`));
    const starting = Command.start({ id, ...launch, output });
    this.#starting.add(starting);
    try {
      const command = await starting;
      this.#keep(runOf(scope), command);
      // The call may have been given up, or the toolkit closed, while it started.
      if (scope.signal.aborted || this.#closed) void command.stop('aborted');
      return command;
    } catch (error) {
      throw inWords(error);
    } finally {
      this.#starting.delete(starting);
    }
  }

  /** Throws a `ToolError` where one more command in the background would be too many. */
  checkRoom(): void {
    const running = [...this.#all.values()].filter(({ command }) => command.ending === undefined);
    if (running.length < mostRunning) return;
    throw new ToolError(
      `${count(mostRunning, 'command')} are running, which is the most there may be; stop_command ends one.`,
    );
  }

  /** The command that this run knows as `id`. */
  find(scope: CallScope, id: string): Command {
    const run = runOf(scope);
    const found = this.#all.get(id);
    if (found !== undefined && found.run === run) return found.command;
    const own = [...this.#all].filter(([, one]) => one.run === run).map(([id]) => `"${id}"`);
    const known =
      own.length === 0 ? 'It has started none.' : `It has ${own.slice(-20).join(', ')}.`;
    throw new ToolError(`This run has no command ${shown(id)}. ${known}`);
  }

  /** Ends every command and takes the logs away. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#all.values()].map(({ command }) => command.stop('stopped')));
    this.#all.clear();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  #keep(run: string, command: Command): void {
    this.#all.set(command.id, { run, command });
    const ended = [...this.#all.values()].filter(({ command }) => command.ending !== undefined);
    for (const { command } of ended.slice(0, -mostEnded)) {
      command.output.discard();
      this.#all.delete(command.id);
    }
  }
}

/** A call's key is the run's id and the call's place in it, `${runId}/${step}/call/${number}`. */
function runOf({ idempotencyKey }: CallScope): string {
  return /^(.*)\/\d+\/call\/\d+$/s.exec(idempotencyKey)?.[1] ?? idempotencyKey;
}

/** Only this user may look into it. */
function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'throughline-shell-'));
}

function inWords(error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined || error instanceof ToolError) return error;
  const words: Readonly<Record<string, string>> = {
    E2BIG: 'it is longer than the system takes; write it to a file and run that',
    ENOENT: 'the shell, the sandbox or the working folder is not there any more',
    EACCES: 'permission denied',
    EMFILE: 'this program has too many files open',
    EAGAIN: 'the system has no room for another process',
  };
  return new ToolError(`The command was not started: ${words[code] ?? code}.`, { cause: error });
}
