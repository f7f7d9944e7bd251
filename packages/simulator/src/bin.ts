#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { banner, faultTable, hostWarning, requestLine } from './cli/banner.ts';
import { FlagError, help, readFlags, type Flags } from './cli/flags.ts';
import { readScript, ScriptFileError } from './cli/script-file.ts';
import { startSimulator } from './simulator.ts';

try {
  await main(readFlags(process.argv.slice(2)));
} catch (error) {
  const [sentence, code] = explain(error);
  console.error(sentence);
  process.exitCode = code;
}

async function main(flags: Flags): Promise<void> {
  if (flags.ask === 'help') return console.log(help);
  if (flags.ask === 'version') return console.log(version());
  if (flags.ask === 'list-faults') return console.log(faultTable());
  const { ask: _, script, ...options } = flags;
  const simulator = await startSimulator({
    ...options,
    script: script === undefined ? undefined : await readScript(script),
    keepBodies: 0, // nothing here reads them again
    onRequest: (request) => console.log(requestLine(request)),
  });
  const warning = hostWarning(flags.host);
  if (warning !== undefined) console.error(warning);
  console.log(banner(simulator, flags));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void simulator.close());
  }
}

function version(): string {
  // package.json is one folder up, from src as from dist.
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
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
