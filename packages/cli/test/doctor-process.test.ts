import process from 'node:process';
import { startSimulator } from '@throughline/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scriptedHost } from '../src/doctor/scripted-host.ts';
import { ended, newFolder, start } from './support/throughline.ts';

/** An endpoint whose model waits so long before it answers, and how to ask it. */
async function slowEndpoint(delayMs: number) {
  const simulator = await startSimulator({
    script: (request) => ({ ...scriptedHost(request), delayMs }),
  });
  onTestFinished(() => simulator.close());
  const env = { ANYFAST_BASE_URL: simulator.url, ANYFAST_API_KEY: simulator.key };
  return { simulator, cwd: await newFolder(), env };
}

describe.skipIf(process.platform === 'win32')('throughline doctor as a process', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'ends at %s as %i in the middle of a probe, and blames nobody',
    async (name, code) => {
      const { cwd, env, simulator } = await slowEndpoint(60_000);
      const child = start(['doctor'], { cwd, env });
      const end = ended(child);
      // Two lists of models, two refusals; the fifth is a question that waits.
      await expect.poll(() => simulator.requests.length, { timeout: 40_000 }).toBe(5);
      child.kill(name);
      const { code: exit, stdout, stderr } = await end;
      expect(exit).toBe(code);
      expect(stdout).not.toContain('does not answer');
      expect(stderr).not.toContain('It cost');
    },
  );

  it('ends quietly as 141 where the reader of its table goes away', async () => {
    const { cwd, env, simulator } = await slowEndpoint(50);
    const child = start(['doctor'], { cwd, env });
    child.stdout.once('data', () => child.stdout.destroy());
    const errors: string[] = [];
    child.stderr.on('data', (data: Buffer) => errors.push(data.toString()));
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect(code).toBe(141);
    expect(errors.join('')).toMatch(/^kimi-k2.6 at .* at list price in all\. --dear .*\n$/);
    expect(simulator.requests.length).toBeLessThan(12);
  });
});
