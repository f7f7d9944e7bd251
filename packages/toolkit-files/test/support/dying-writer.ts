// Replaces `file.txt` in a folder, and dies at the operation of the file system whose number it is told: as by a power cut between two
// calls of the system. A process of its own: `dying-writer.ts ROOT NUMBER`.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { CallScope } from '@throughline/core';

const [root = '', number = ''] = process.argv.slice(2);
let left = Number.POSITIVE_INFINITY;

type Operation = (this: unknown, ...given: unknown[]) => unknown;

/** Counts the calls of a method, and kills this process before the one that is due. */
function count(object: object, name: string): void {
  const methods = object as Record<string, Operation>;
  const own = methods[name];
  methods[name] = function counted(...given) {
    if (--left === 0) process.kill(process.pid, 'SIGKILL');
    return own?.apply(this, given);
  };
}

for (const name of ['open', 'link', 'rename', 'unlink', 'readdir']) count(fs.promises, name);
const handle = await fs.promises.open(root);
const prototype = Object.getPrototypeOf(handle) as object;
for (const name of ['read', 'write', 'writeFile', 'chmod', 'chown', 'sync', 'stat', 'close']) {
  count(prototype, name);
}
await handle.close();
syncBuiltinESMExports();

const { files } = await import('../../src/index.ts');
const { tools } = files({ root, write: true });

async function call(name: string, input: unknown): Promise<void> {
  const found = tools.find((tool) => tool.name === name);
  const parsed = await found?.inputSchema.parse(input);
  if (parsed === undefined || parsed.issues) throw new Error(`${name} does not take this.`);
  // Of what a call is told, these tools look at the signal and the key alone.
  const scope = { signal: new AbortController().signal, idempotencyKey: 'run/1/call/1' };
  await found?.execute(parsed.value, scope as CallScope<never>);
}

await call('read_file', { path: 'file.txt' });
left = Number(number);
await call('write_file', { path: 'file.txt', content: 'new\n'.repeat(1_000) });
