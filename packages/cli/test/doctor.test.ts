import { readFile } from 'node:fs/promises';
import { startSimulator } from '@throughline/simulator';
import type { FaultUse, SimulatorOptions } from '@throughline/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scriptedHost } from '../src/doctor/scripted-host.ts';
import { tiers } from '../src/doctor/tiers.ts';
import { examined } from './support/examined.ts';

interface Finding {
  readonly name: string;
  readonly outcome: string;
  readonly says: string;
}

async function findingsOf(options: SimulatorOptions, ...args: readonly string[]) {
  const simulator = await startSimulator({ script: scriptedHost, ...options });
  onTestFinished(() => simulator.close());
  const env = { ANYFAST_BASE_URL: simulator.url, ANYFAST_API_KEY: 'simulator-key' };
  const { code, out } = await examined(['--json', ...args], env);
  const report = JSON.parse(out) as { readonly usd: number; readonly findings: readonly Finding[] };
  const by = (name: string) => report.findings.find((finding) => finding.name === name);
  return { code, by, report };
}

describe('throughline doctor', () => {
  it('finds nothing wrong with a host that does all as Moonshot does, and adds up what it cost', async () => {
    const { code, report } = await findingsOf({});
    const odd = report.findings.filter(({ outcome }) => outcome !== 'good');
    expect(odd.map(({ name, says }) => `${name}: ${says}`)).toEqual([
      // The simulator counts all thoughts of a history, whatever the request says of keeping them.
      expect.stringContaining('kept thoughts: '),
    ]);
    expect(code).toBe(0);
    expect(report.findings).toHaveLength(16);
    expect(report.usd).toBeGreaterThan(0);
  });

  it('prints a table, the price before and the cost after, and no key', async () => {
    const { code, out, err } = await examined([]);
    expect(code).toBe(0);
    expect(err).toMatch(
      /SCRIPTED[^]*: 4 free probes, 12 cheap probes \(about 0\.0\d+ US dollars\): about 0\.0\d+ US dollars at list price in all\. --dear adds 4 dear probes \(about 0\.0\d+ US dollars\)\.\n[^]*It cost 0\.0\d+ US dollars/,
    );
    expect(out).toMatch(/✓ reach {11}must {3}It answers after \d+ ms\./);
    expect(out + err).not.toContain('simulator-key');
  });

  it.each<[probe: string, faults: FaultUse[], outcome: string, says: RegExp]>([
    ['stream', [{ fault: 'usage-none', times: 9 }], 'odd', /no usage/],
    ['stream', [{ fault: 'no-done', times: 9 }], 'odd', /no \[DONE\]/],
    ['stream', [{ fault: 'finish-missing-with-text', times: 9 }], 'bad', /never says why it ends/],
    ['stream', [{ fault: 'stream-empty', times: 9 }], 'bad', /no (frames|text)/],
    ['thinking', [{ fault: 'reasoning-key', times: 99 }], 'odd', /come as reasoning;/],
    ['thinking', [{ fault: 'think-in-content', times: 99 }], 'odd', /<think>/],
    ['history', [{ fault: 'reasoning-key', times: 99 }], 'odd', /reasoning_content alone/],
    ['whole', [{ fault: 'stream-for-json', times: 9 }], 'odd', /streams although/],
    ['call', [{ fault: 'arguments-truncated', times: 9 }], 'bad', /no JSON object/],
    ['call', [{ fault: 'ids-missing', times: 9 }], 'odd', /no id/],
    ['call', [{ fault: 'unknown-tool', times: 9 }], 'bad', /names the tool/],
    ['call', [{ fault: 'leak-in-content', times: 9 }], 'bad', /as text/],
    ['call', [{ fault: 'finish-stop-with-calls', times: 9 }], 'odd', /ends with stop/],
    ['two calls', [{ fault: 'ids-duplicate', times: 9 }], 'odd', /ids that repeat/],
  ])('finds with the probe "%s" what %j does', async (probe, faults, outcome, says) => {
    const { by } = await findingsOf({ faults });
    expect(by(probe)).toMatchObject({ outcome, says: expect.stringMatching(says) as string });
  });

  it('adds up the same cost where the usage stands inside the choice', async () => {
    const { report: beside } = await findingsOf({});
    const faults: FaultUse[] = [{ fault: 'usage-in-choice-only', times: 99 }];
    const { report: inside } = await findingsOf({ faults });
    expect(inside.usd).toBe(beside.usd);
  });

  it('finds a host that takes what Moonshot refuses', async () => {
    const { by, code } = await findingsOf({ strictness: 'lenient' });
    expect(by('lost thought')).toMatchObject({ outcome: 'odd' });
    expect(by('temperature')).toMatchObject({ outcome: 'odd' });
    expect(code).toBe(0);
  });

  it('has each probe, what it asks and its price on the page of the docs', async () => {
    const page = await readFile(new URL('../../../docs/doctor.md', import.meta.url), 'utf8');
    const rows = Object.values(tiers)
      .flat()
      .map(
        ({ name, need, about, usd }) =>
          `| ${name} | ${about}? | ${need} | ${usd === 0 ? 'free' : usd} |`,
      );
    expect(page).toContain(rows.join('\n'));
  });

  it('skips what goes on from a call that did not come, and fails', async () => {
    const { by, code } = await findingsOf({ script: () => ({ reasoning: 'No.', text: 'ok' }) });
    expect(by('call')).toMatchObject({ outcome: 'bad', says: 'No call came.' });
    expect(by('history')).toMatchObject({ outcome: 'skipped' });
    expect(code).toBe(1);
  });

  it('says of a wrong key, of another model and of a closed port what is the matter', async () => {
    const simulator = await startSimulator({ script: scriptedHost });
    const env = { ANYFAST_BASE_URL: simulator.url, ANYFAST_API_KEY: 'sk-not-the-key-123456' };
    const wrong = await examined(['--free'], env);
    expect(wrong.out).toMatch(/✗ key .*It answers 401/);
    expect(wrong.code).toBe(1);
    expect(wrong.out + wrong.err).not.toContain('sk-not-the-key');
    const { by } = await findingsOf({}, '--free', '--model', 'kimi-k9');
    expect(by('key')).toMatchObject({
      outcome: 'bad',
      says: expect.stringContaining('Alike are: kimi-k2.6') as string,
    });
    await simulator.close();
    const closed = await examined(['--free'], env);
    expect(closed.out.trim().split('\n')).toHaveLength(2);
    expect(closed.out).toMatch(/✗ reach .*It does not answer: /);
  });

  it('waits as long as it is told where it asks too often, once', async () => {
    const fault = { fault: 'upstream-rate-limit', retryAfter: 1 } as const;
    const { by } = await findingsOf({ faults: [fault] });
    expect(by('stream')).toMatchObject({ outcome: 'good' });
  });

  it.each([
    [['--base-url', 'nonsense'], { ANYFAST_API_KEY: 'sk-x' }, /is no base URL/],
    [['--base-url', 'http://127.0.0.1:1/v1'], {}, /needs a key/],
    [['what'], {}, /"what" is no option/],
    [['--free', '--dear'], {}, /exclude each other/],
    [
      ['--base-url', 'http://me:secret@a.example'],
      { ANYFAST_API_KEY: 'sk-x' },
      /^"…@a.example" must have no user name/,
    ],
    [
      ['--base-url', 'http://a.example/v1?key=secret'],
      { ANYFAST_API_KEY: 'sk-x' },
      /^"http:\/\/a.example\/v1\?…" must have no user name/,
    ],
    [[], { ANYFAST_API_KEY: 'sk-a\nb' }, /characters that no key has/],
  ])('refuses %j', async (args, env, words) => {
    await expect(examined(args, env as Record<string, string>)).rejects.toThrow(words);
  });
});
