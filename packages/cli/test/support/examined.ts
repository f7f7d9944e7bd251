import { PassThrough } from 'node:stream';
import type { Host } from '../../src/command.ts';
import { doctor } from '../../src/doctor/doctor.ts';

/** What the doctor says of an endpoint, in this process, over HTTP. */
export async function examined(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = process.cwd(),
) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const text = { out: '', err: '' };
  stdout.on('data', (bytes: Buffer) => (text.out += bytes.toString()));
  stderr.on('data', (bytes: Buffer) => (text.err += bytes.toString()));
  const host = { stdin: process.stdin, stdout, stderr, env, cwd } as unknown as Host;
  const code = await doctor.run(args, host);
  return { code, ...text };
}
