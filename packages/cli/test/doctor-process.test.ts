import process from 'node:process';
import { startSimulator } from '@throughline/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scriptedHost } from '../src/doctor/scripted-host.ts';
import { Person } from './support/person.ts';
import { ended, newFolder, start, throughline } from './support/throughline.ts';

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

  it('breaks its rows at the edge of a narrow screen, and colours nothing with NO_COLOR', async () => {
    const cwd = await newFolder();
    // eslint-disable-next-line no-control-regex -- this is what colour is made of
    const colour = /\u001b\[\d+m/;
    const wide = new Person(['doctor', '--free'], { cwd, columns: 120 });
    await wide.sees(/✓ reach {11}must {3}It answers after \d+ ms\./);
    expect(await wide.leaves()).toBe(0);
    expect(wide.written).toMatch(colour);
    const env = { NO_COLOR: '1' };
    const narrow = new Person(['doctor', '--free'], { cwd, columns: 24, env });
    await narrow.sees(/✓ unknown model {3}should\n {2}It refuses an unknown\n {2}model with 503\./);
    expect(await narrow.leaves()).toBe(0);
    expect(narrow.written).not.toMatch(colour);
  });

  it('writes one row a probe into a pipe, and the object alone with --json', async () => {
    const cwd = await newFolder();
    const table = await throughline(['doctor', '--free'], { cwd });
    expect(table.code).toBe(0);
    expect(table.stdout.trim().split('\n')).toHaveLength(4);
    const json = await throughline(['doctor', '--free', '--json'], { cwd });
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({ version: 1, isScripted: true });
    expect(json.stdout.trim().split('\n')).toHaveLength(1);
  });
});
