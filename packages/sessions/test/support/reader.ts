// A process that opens a session and says what that took. Started by the tests, built into one file.
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { fileSessions } from '../../src/index.ts';

const [dir = '.', id = 'chat'] = process.argv.slice(2);

/** How often a file is read. What the system counts holds its own wake-ups too. */
let reads = 0;
const handle = await open(process.execPath);
const prototype = Object.getPrototypeOf(handle) as FileHandle;
await handle.close();
const { read } = prototype;
prototype.read = function counted(this: FileHandle, ...args: readonly unknown[]) {
  reads++;
  return Reflect.apply(read, this, args) as never;
};

const fromMs = performance.now();
const session = await fileSessions({ dir }).open(id);
const took = {
  reads,
  ms: Math.round(performance.now() - fromMs),
  lastSeq: session.lastSeq,
  messages: session.messages.length,
  rssBytes: process.resourceUsage().maxRSS * 1024,
};
await session.close();
process.stdout.write(`${JSON.stringify(took)}\n`);
