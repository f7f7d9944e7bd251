import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSimulator } from '@throughline/simulator';
import type { SimulatorOptions } from '@throughline/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scriptedHost } from '../src/doctor/scripted-host.ts';
import { examined } from './support/examined.ts';
import { newFolder } from './support/throughline.ts';

/** Examines a host and writes what is found. */
async function written(
  cwd: string,
  file: string,
  options: SimulatorOptions = {},
  ...args: string[]
) {
  const simulator = await startSimulator({ script: scriptedHost, ...options });
  onTestFinished(() => simulator.close());
  const env = { ANYFAST_BASE_URL: simulator.url, ANYFAST_API_KEY: simulator.key };
  await examined(['--write', file, ...args], env, cwd);
  return simulator;
}

describe('throughline doctor --compare', () => {
  it('says for a person what two hosts do differently, and asks neither', async () => {
    const cwd = await newFolder();
    const a = await written(cwd, 'a.json');
    const b = await written(cwd, 'b.json', { faults: [{ fault: 'reasoning-key', times: 999 }] });
    const asked = a.requests.length + b.requests.length;
    const { code, out, err } = await examined(['--compare', 'a.json', 'b.json'], {}, cwd);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(a.requests.length + b.requests.length).toBe(asked);
    const lines = out.trim().split('\n');
    expect(lines[0]).toMatch(new RegExp(`^A: kimi-k2.6 at ${a.url}, .*, use {}$`));
    expect(lines[1]).toMatch(/^B: .*, use {"reasoningKey":"reasoning_content"}$/);
    expect(lines.slice(2)).toEqual([
      'thinking  A ✓ Thoughts come as reasoning_content.',
      '          B ~ Thoughts come as reasoning; the transport sends them back so.',
      'history   A ✓ It takes the result and uses it.',
      expect.stringMatching(/^ {10}B ~ It takes thoughts back as reasoning_content alone/),
      '2 differ; 14 say the same.',
    ]);
  });

  it('takes neither times nor ids for a difference between two days', async () => {
    const cwd = await newFolder();
    await written(cwd, 'a.json');
    await written(cwd, 'b.json', { pieceDelayMs: 3 });
    const { out } = await examined(['--compare', 'a.json', 'b.json'], {}, cwd);
    expect(out).toContain('Nothing differs; 16 say the same.');
  });

  it('prints one object with --json, in which a probe that was not asked is absent', async () => {
    const cwd = await newFolder();
    await written(cwd, 'a.json');
    await written(cwd, 'b.json', {}, '--free');
    const { out } = await examined(['--compare', '--json', 'a.json', 'b.json'], {}, cwd);
    const found = JSON.parse(out) as { same: number; differences: readonly object[] };
    expect(found.same).toBe(4);
    expect(found.differences).toHaveLength(12);
    expect(found.differences[0]).toEqual({
      name: 'stream',
      first: { outcome: 'good', says: expect.stringContaining('It streams') as string },
    });
  });

  it.each<[args: readonly string[], words: RegExp]>([
    [['a.json'], /needs two files, not 1/],
    [['a.json', 'a.json', 'a.json'], /needs two files, not 3/],
    [['missing.json', 'a.json'], /missing\.json cannot be read: ENOENT/],
    [['text.json', 'a.json'], /text\.json is no report of the doctor/],
    [['a.json', 'odd.json'], /odd\.json is no report of the doctor/],
    [['a.json', 'a.json', '--dear'], /asks nothing, so it takes no --dear/],
    [
      ['https://a.example/v1', 'a.json'],
      /each host with its own key.*--base-url URL --write FILE/s,
    ],
  ])('refuses %j', async (args, words) => {
    const cwd = await newFolder();
    const report = {
      version: 1,
      baseURL: 'https://a.example/v1',
      model: 'kimi-k2.6',
      checkedAt: '2026-11-27T00:00:00.000Z',
      use: {},
      findings: [{ name: 'reach', outcome: 'good', says: 'It answers.' }],
    };
    const odd = { ...report, findings: [{ name: 'reach', outcome: 'toString', says: '' }] };
    await writeFile(join(cwd, 'a.json'), JSON.stringify(report));
    await writeFile(join(cwd, 'odd.json'), JSON.stringify(odd));
    await writeFile(join(cwd, 'text.json'), 'nonsense');
    await expect(examined(['--compare', ...args], {}, cwd)).rejects.toThrow(words);
  });
});
