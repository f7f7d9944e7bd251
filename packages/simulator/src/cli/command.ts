import { readFileSync } from 'node:fs';
import { startSimulator } from '../simulator.ts';
import { banner, faultTable, hostWarning, requestLine } from './banner.ts';
import { FlagError, help, readFlags } from './flags.ts';
import type { Flags } from './flags.ts';
import { readScript, ScriptFileError } from './script-file.ts';

/** Where the command writes, a line at a time. */
export interface CommandOutput {
  out(line: string): void;
  error(line: string): void;
}

/**
 * The command `throughline-simulator`: starts a simulator, which runs until SIGINT or SIGTERM, and prints its base URL, its key and a line
 * for each request. `args` are the words behind the command's name. Resolves to the exit code once it has started, or could not.
 */
export async function simulatorCommand(
  args: readonly string[],
  output: CommandOutput,
): Promise<number> {
  try {
    await main(readFlags(args), output);
    return 0;
  } catch (error) {
    const [sentence, code] = explain(error);
    output.error(sentence);
    return code;
  }
}

async function main(flags: Flags, { out, error }: CommandOutput): Promise<void> {
  if (flags.ask === 'help') return out(help);
  if (flags.ask === 'version') return out(version());
  if (flags.ask === 'list-faults') return out(faultTable());
  const { ask: _, script, ...options } = flags;
  const simulator = await startSimulator({
    ...options,
    script: script === undefined ? undefined : await readScript(script),
    keepBodies: 0, // nothing here reads them again
    onRequest: (request) => out(requestLine(request)),
  });
  const warning = hostWarning(flags.host);
  if (warning !== undefined) error(warning);
  out(banner(simulator, flags));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void simulator.close());
  }
}

function version(): string {
  // package.json is two folders up from here, and one from dist, where all files stand side by side.
  const isSource = import.meta.url.endsWith('.ts');
  const manifest = new URL(isSource ? '../../package.json' : '../package.json', import.meta.url);
  const text = readFileSync(manifest, 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

function explain(error: unknown): readonly [sentence: string, exitCode: number] {
  if (error instanceof FlagError) {
    return [`${error.message}. Try throughline-simulator --help.`, 2];
  }
  if (error instanceof ScriptFileError) return [error.message, 1];
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    const { port } = (error as Error).cause as { readonly port?: number };
    return [
      `Port ${port} is taken. Give another one with --port, or --port 0 for any free one.`,
      1,
    ];
  }
  if (code === 'EACCES') {
    return [`The system does not allow it: ${message}. Try another --port or another --log.`, 1];
  }
  return [`The simulator could not start: ${message.replace(/\.$/, '')}.`, 1];
}
