import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Entry } from './contender.ts';
import type { Figures } from './agents.ts';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** The server, in a process of its own. It ends with ours, or when it is closed. `file` is its source where nothing was built. */
export async function startServer(
  file = here('./server.js'),
  nodeArgs: readonly string[] = process.execArgv,
): Promise<{ readonly url: string; close(): void }> {
  const server = fork(file, { execArgv: [...nodeArgs] });
  const [url] = (await once(server, 'message')) as [string];
  return { url, close: () => void server.kill() };
}

/** What to measure, of whom, on which Node. */
export interface Sample {
  readonly entry: Entry;
  readonly measure: string;
  readonly serverURL: string;
  /** The path of a `node`. */
  readonly node: string;
}

/** Takes one sample in a fresh process. Rejects with what that process complained of. */
export async function take({ entry, measure, serverURL, node }: Sample): Promise<Figures> {
  const args = [here('./worker.js'), entry.file.href, measure, serverURL];
  const { stdout } = await promisify(execFile)(node, args, { timeout: 300_000 });
  return JSON.parse(stdout) as Figures;
}
