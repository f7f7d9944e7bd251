import { realpathSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkOptions, ThroughlineError } from '@throughline/core';
import type { Toolkit } from '@throughline/core';
import { commandOutput } from './command-output.ts';
import { Commands } from './commands.ts';
import { checkAdded, environment } from './environment.ts';
import type { Setting } from './launcher.ts';
import { checkRules } from './rule.ts';
import type { CommandRule } from './rule.ts';
import { runCommand } from './run-command.ts';
import { runReadCommand } from './run-read-command.ts';
import type { Sandbox } from './sandbox.ts';
import { startCommand } from './start-command.ts';
import { stopCommand } from './stop-command.ts';
import type { Timeouts } from './timeout.ts';
import { waitForCommand } from './wait-for-command.ts';

/** What `shell` needs to know. */
export interface ShellOptions {
  /** The folder commands run in. It is where they begin, and no fence: only a sandbox is one. */
  readonly cwd: string | URL;
  /** Commands that run without a person being asked. Default: none. */
  readonly allow?: readonly CommandRule[];
  /** Commands that change nothing, as the host says: they also run without asking, early and beside others, by a tool of their own. Default: none. */
  readonly allowRead?: readonly CommandRule[];
  /** Variables for every command, besides the few that are passed on of the host's. Keys put here are seen by every command. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long a command may run, in milliseconds, where the model names no time. Default: 120,000. */
  readonly timeoutMs?: number;
  /** The longest time the model may name, in milliseconds. Default: 600,000. */
  readonly maxTimeoutMs?: number;
  /** The largest file a command may write, in bytes. Default: 2 GiB. */
  readonly maxFileBytes?: number;
  /** Wraps every command, e.g. `isolated()`. Default: none. */
  readonly sandbox?: Sandbox;
}

/**
 * Tools that run shell commands: `run_command`, `start_command`, `command_output`, `wait_for_command`, `stop_command`,
 * and `run_read_command` where `allowRead` has rules. A person is asked about every command that no rule allows.
 * `dispose` ends every command. For Linux and macOS. Throws `invalid_option` at once for what cannot be.
 */
export function shell(options: ShellOptions): Toolkit<unknown> {
  checkOptions('shell()', options, known);
  const { allow = [], allowRead = [], env = {} } = options;
  if (process.platform === 'win32') throw invalid('needs Linux or macOS, and this is Windows');
  checkRules('allow', allow);
  checkRules('allowRead', allowRead);
  checkAdded(env);
  const timeouts = timeoutsOf(options);
  const root = openFolder(options.cwd);
  const setting: Setting = {
    root,
    env: environment(root, process.env, env),
    sandbox: sandboxOf(options),
    maxFileBytes: positive('maxFileBytes', options.maxFileBytes ?? 2 ** 31),
  };
  const commands = new Commands();
  const rules = [...allow, ...allowRead];
  return {
    name: 'shell',
    tools: [
      runCommand(commands, setting, rules, timeouts),
      ...(allowRead.length > 0 ? [runReadCommand(commands, setting, allowRead, timeouts)] : []),
      startCommand(commands, setting, rules),
      commandOutput(commands),
      waitForCommand(commands),
      stopCommand(commands),
    ],
    dispose: () => commands.close(),
  };
}

const known: Readonly<Record<keyof ShellOptions, true>> = {
  cwd: true,
  allow: true,
  allowRead: true,
  env: true,
  timeoutMs: true,
  maxTimeoutMs: true,
  maxFileBytes: true,
  sandbox: true,
};

/** A timer cannot wait longer. */
const longestMs = 2 ** 31 - 1;

function timeoutsOf(options: ShellOptions): Timeouts {
  const maxTimeoutMs = positive('maxTimeoutMs', options.maxTimeoutMs ?? 600_000);
  const timeoutMs = positive('timeoutMs', options.timeoutMs ?? Math.min(120_000, maxTimeoutMs));
  if (maxTimeoutMs > longestMs)
    throw invalid(`maxTimeoutMs is ${maxTimeoutMs}; the most is ${longestMs}`);
  if (timeoutMs > maxTimeoutMs) {
    throw invalid(`timeoutMs is ${timeoutMs}, which is more than maxTimeoutMs, ${maxTimeoutMs}`);
  }
  return { timeoutMs, maxTimeoutMs };
}

function positive(name: string, value: number): number {
  if (typeof value === 'number' && value >= 1 && Number.isFinite(value)) return value;
  throw invalid(
    `${name} is ${typeof value === 'string' ? JSON.stringify(value) : String(value)}; it must be a number of 1 or more`,
  );
}

function sandboxOf({ sandbox }: ShellOptions): Sandbox | undefined {
  if (sandbox === undefined || typeof sandbox === 'function') return sandbox;
  throw invalid('sandbox must be a function, such as isolated()');
}

function openFolder(cwd: string | URL): string {
  const refuse = (why: string) => invalid(`the cwd ${JSON.stringify(cwd)} ${why}`);
  if (typeof cwd !== 'string' && !(cwd instanceof URL)) throw refuse('is not a path');
  if (cwd === '') throw refuse('is empty; "." is the working directory');
  if (cwd instanceof URL && cwd.protocol !== 'file:') throw refuse('is not a file: URL');
  const path = typeof cwd === 'string' ? cwd : fileURLToPath(cwd);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw refuse('does not exist');
  if (!found.isDirectory()) throw refuse('is not a folder');
  return realpathSync.native(path);
}

function invalid(why: string): ThroughlineError {
  return new ThroughlineError('invalid_option', `shell(): ${why}.`);
}
