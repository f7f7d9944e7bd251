import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, resolve } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../usage-error.ts';
import type { RunnableAgent } from './runnable-agent.ts';

/**
 * The agent that a file exports as `agent` or as its default. TypeScript goes through tsx where the file's project has it, else
 * through Node's own type stripping. Throws a `UsageError` that names the file for a file that is missing, cannot be read as code, or
 * exports no agent. What the file itself throws passes as it is the error's `cause`.
 */
export async function agentOfFile(given: string, cwd: string): Promise<RunnableAgent> {
  const path = resolve(cwd, given);
  if (!existsSync(path)) throw new UsageError(`There is no agent file ${path}.`);
  if (/^\.[mc]?tsx?$/.test(extname(path))) await readTypeScript(path);
  const module = await load(path);
  const found = [module['agent'], module['default']].find(isAgent);
  if (found !== undefined) return found;
  const names = Object.keys(module).join(', ') || 'nothing';
  throw new UsageError(
    `${path} exports no agent, but ${names}. Write: export const agent = new Agent({ … });`,
  );
}

async function load(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (cause) {
    const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
    throw new UsageError(`${path} could not be loaded. ${name}: ${message}`, { cause });
  }
}

/** The file's project may bring another copy of core, so the shape counts, not the class. */
function isAgent(value: unknown): value is RunnableAgent {
  const { stream, resume, dispose } = (value ?? {}) as Record<string, unknown>;
  return [stream, resume, dispose].every((method) => typeof method === 'function');
}

/** Makes Node read TypeScript, or says what is missing. */
async function readTypeScript(path: string): Promise<void> {
  const tsx = resolveTsx(path);
  if (tsx !== undefined) {
    await import(pathToFileURL(tsx).href); // it registers itself
    return;
  }
  if ((process.features as { typescript?: unknown }).typescript) return;
  throw new UsageError(
    `${path} is TypeScript, which Node ${process.version} cannot read by itself. Install tsx beside it (npm install --save-dev tsx), or use Node 22.18 or later.`,
  );
}

function resolveTsx(path: string): string | undefined {
  for (const from of [path, import.meta.url]) {
    try {
      return createRequire(from).resolve('tsx');
    } catch {
      // not installed there
    }
  }
  return undefined;
}
