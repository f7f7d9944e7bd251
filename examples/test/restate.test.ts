import { expect, it } from 'vitest';
import { started } from './run.ts';

it('`pnpm restate` goes on with a run whose worker and server are killed, and asks the person', async () => {
  const child = started('restate.ts', []);
  let shown = '';
  let wake = () => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (shown += text));
  const ended = new Promise((resolve) => child.once('close', resolve));
  /** What is shown from here on, once it has this. */
  const until = async (words: RegExp): Promise<string> => {
    for (;;) {
      const found = words.exec(shown);
      if (found !== null) {
        shown = shown.slice(found.index + found[0].length);
        return found[1] ?? '';
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const server = Number(await until(/Server: process (\d+)\./));
  const worker = Number(await until(/Worker: process (\d+)\./));
  await until(/You \(/);
  child.stdin.write('I want my money back.\n');
  await until(/\[look_up/);
  process.kill(worker, 'SIGKILL');
  await until(/Worker: process \d+\./);
  process.kill(server, 'SIGKILL');
  await until(/May it call refund \{"order":7\}\?/);
  child.stdin.write('y\n');
  await until(/It is refunded\./);
  await until(/You \(/);
  child.stdin.write('\n');
  await ended;
  expect(child.exitCode).toBe(0);
});
