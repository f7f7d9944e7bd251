// Imported before a program that `pnpm example` runs: an error that the program does not catch, and that says by itself what to do, is
// printed without a stack. Any other error is printed as Node prints it.
import { ThroughlineError } from '@throughline/core';

process.on('uncaughtException', (error) => {
  process.exitCode = 1;
  if (!(error instanceof ThroughlineError)) {
    console.error(error);
    process.exit();
  }
  console.error(`${error.code}: ${error.message}`);
  if (error.code === 'missing_api_key') {
    console.error('Without a key, `npx -y pnpm@10.34.8 start` runs an example on the simulator.');
  }
  process.exit();
});
