// A host with a key in its environment: prints what a command finds of it in the processes it can see.
import { isolated, shell } from '../src/index.ts';
import type { Sandbox } from '../src/index.ts';
import { call } from './call-tool.ts';

const [cwd = '.', how] = process.argv.slice(2);
const kit = shell({ cwd, ...(how === 'isolated' ? { sandbox: sandbox() } : {}) });
const command =
  "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep HOST_KEY; echo looked";
process.stdout.write(await call(kit, 'run_command', { command }));
await kit.dispose?.();

/** Where the machine forbids sandboxes, the host is told so and nothing runs. */
function sandbox(): Sandbox {
  try {
    return isolated();
  } catch (error) {
    process.stdout.write(`${String(error)}, not looked`);
    process.exit(0);
  }
}
