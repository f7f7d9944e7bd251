import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CallScope, Toolkit } from '@throughline/core';
import { afterAll, beforeAll } from 'vitest';
import { files } from '../src/index.ts';
import type { FilesOptions } from '../src/index.ts';

/** A folder of real files, gone when the tests of the file are done. */
export function folder(content: Record<string, string | Uint8Array>): { readonly root: string } {
  const made = { root: '', home: '' };
  beforeAll(async () => {
    made.home = await realpath(await mkdtemp(join(tmpdir(), 'throughline-files-')));
    made.root = join(made.home, 'root');
    await mkdir(made.root);
    for (const [path, text] of Object.entries(content)) await put(join(made.root, path), text);
  });
  afterAll(() => rm(made.home, { recursive: true, force: true }));
  return made;
}

/** Writes a file and the folders it needs. */
export async function put(path: string, text: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** Calls a tool as the loop does: what the model sent is parsed by the schema first. */
export async function call(
  options: FilesOptions,
  name: string,
  input: unknown = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  return run(files(options), { signal })(name, input);
}

/** The calls of one run, each of a step of its own. */
export function run(
  kit: Toolkit,
  { id = 'run', signal = new AbortController().signal } = {},
): (name: string, input?: unknown) => Promise<string> {
  let step = 0;
  return async (name, input = {}) => {
    const found = kit.tools.find((tool) => tool.name === name);
    if (found === undefined) throw new Error(`There is no tool ${name}.`);
    const parsed = await found.inputSchema.parse(input);
    if (parsed.issues) throw new Error(`The input does not fit: ${JSON.stringify(parsed.issues)}`);
    step++;
    // Of what a call is told, these tools look at the signal and the key alone.
    const scope = { signal, idempotencyKey: `${id}/${step}/call/1` } as CallScope<never>;
    return (await found.execute(parsed.value, scope)) as string;
  };
}
