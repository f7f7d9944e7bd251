import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { UsageError } from './usage-error.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** What `parseArgs` makes of options that are known. */
type Read<Known extends Options> = ReturnType<
  typeof parseArgs<{
    readonly args: string[];
    readonly options: Known;
    readonly allowPositionals: true;
    readonly strict: true;
  }>
>;

/** Reads the arguments of a command. Throws a `UsageError` that names what is wrong, followed by the command's usage. */
export function readOptions<const Known extends Options>(
  args: readonly string[],
  options: Known,
  usage: string,
): Read<Known> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // The second sentence of parseArgs tells how to pass a text that begins with a dash: no word of ours.
    throw new UsageError(`${message.split('. ')[0] ?? message}.\n\n${usage}`, { cause: error });
  }
}

/** The options of every command that runs an agent. */
export const agentOptions = {
  agent: { type: 'string' },
  mcp: { type: 'boolean' },
  folder: { type: 'string' },
} as const;

/** The agent's file, which may be named by `--agent` or by the one word of the command. Throws a `UsageError` for more of them. */
export function agentFile(
  option: string | undefined,
  words: readonly string[],
  usage: string,
): string | undefined {
  const [file, ...more] = option === undefined ? words : [option, ...words];
  if (more.length === 0) return file;
  throw new UsageError(`There may be one agent file, not ${more.length + 1}.\n\n${usage}`);
}

/** What `agentOptions` say in a usage. */
export const agentUsage = [
  '  --agent FILE    the agent: a .ts or .js file that exports it as `agent`, or as its default.',
  '                  Without it: files, shell, web and a plan, over the current folder',
  '  --mcp           also the servers of .mcp.json of the current folder; it starts their programs',
  '  --folder DIR    where the sessions are kept; default: .throughline/sessions',
].join('\n');
