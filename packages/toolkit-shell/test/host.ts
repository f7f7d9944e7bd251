// A host with a key in its environment: prints what a command finds of it in the processes it can see.
import type { CallScope } from '@throughline/core';
import { isolated, shell } from '../src/index.ts';
import type { Sandbox } from '../src/index.ts';

const [cwd = '.', how] = process.argv.slice(2);
const kit = shell({ cwd, ...(how === 'isolated' ? { sandbox: sandbox() } : {}) });
const tool = kit.tools.find(({ name }) => name === 'run_command');
const command =
  "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep HOST_KEY; ls -d /proc/[0-9]* | wc -l";
const parsed = await tool?.inputSchema.parse({ command });
const input = parsed !== undefined && 'value' in parsed ? parsed.value : undefined;
const scope = { signal: new AbortController().signal, idempotencyKey: 'run/1/call/1' };
const output = tool?.execute(input, scope as CallScope<never>) as AsyncGenerator<string, string>;
let next = await output.next();
while (next.done !== true) next = await output.next();
process.stdout.write(next.value);
await kit.dispose?.();

/** Where the machine forbids sandboxes, the host is told so and nothing runs. */
function sandbox(): Sandbox {
  try {
    return isolated();
  } catch (error) {
    process.stdout.write(String(error));
    process.exit(0);
  }
}
