import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildPrograms } from '../../../.ci/programs.ts';
import type { EvaluationReport } from '@throughline/evals';

const { resolve: resolved } = createRequire(import.meta.url);
const vitest = join(dirname(resolved('vitest/package.json')), 'vitest.mjs');
const folder = fileURLToPath(new URL('folder', import.meta.url));
// The configuration is loaded by Node itself, which knows neither our sources nor TypeScript.
const config = fileURLToPath(new URL('../.tested/vitest.config.mjs', import.meta.url));
// What vitest has made of our sources, which are the same in each run.
const modules = join(dirname(config), 'modules');
beforeAll(async () => {
  await rm(modules, { recursive: true, force: true });
  await buildPrograms(dirname(config), { 'vitest.config': join(folder, 'vitest.config.ts') });
});

interface Ended {
  readonly code: number;
  readonly printed: string;
  readonly reports: readonly EvaluationReport[];
}

/** Runs the real vitest over a file of the folder. */
async function evals(file: string, flags: readonly string[] = []): Promise<Ended> {
  const place = await mkdtemp(join(tmpdir(), 'evals-'));
  onTestFinished(() => rm(place, { recursive: true }));
  const json = join(place, 'new', 'evals.json');
  const args = [
    vitest,
    'run',
    '--configLoader=native',
    '--root',
    folder,
    '--config',
    config,
    '--experimental.fsModuleCache',
    `--experimental.fsModuleCachePath=${modules}`,
    file,
    ...flags,
  ];
  const env = { ...process.env, EVALS_JSON: json, NO_COLOR: '1', FORCE_COLOR: undefined };
  const [code, printed] = await new Promise<readonly [number, string]>((resolve) => {
    execFile(process.execPath, args, { env, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve([error === null ? 0 : Number(error.code ?? -1), stdout + stderr]);
    });
  });
  expect(printed).not.toContain('Startup Error');
  const { evaluations } = JSON.parse(await readFile(json, 'utf8')) as {
    readonly evaluations: readonly EvaluationReport[];
  };
  return { code, printed, reports: evaluations };
}

describe('evaluations that vitest runs', () => {
  it('ask an agent over HTTP, several times, and judge its answer and its events', async () => {
    const { code, printed, reports } = await evals('weather');
    expect(printed).toContain('weather  2 rows × 3 trials');
    expect(printed).toContain('passed');
    expect(printed).toMatch(/How is it in Oslo\? +1\.00/);
    expect(printed).toMatch(/tokens in \(\d+ cached\), \d+ out, \$0\.\d+/);
    const [report] = reports;
    expect(report).toMatchObject({ name: 'weather', passed: true, rows: 2, trials: 3 });
    const means = Object.entries(report!.scorers).map(([name, { mean }]) => [name, mean]);
    expect(means).toEqual([
      ['namesCity', 1],
      ['calledTool(get_weather × 1)', 1],
      ['callOrder(get_weather)', 1],
      ['noDoubts', 1],
      ['steps(≤ 2)', 1],
      ['cost(≤ $0.01)', 1],
      ['reasoningKept', 1],
      ['cachedShare', expect.any(Number)],
    ]);
    expect(report!.results).toHaveLength(6);
    expect(report!.results[0]).toMatchObject({
      name: 'How is it in Oslo?',
      trial: 1,
      output: 'It is: sunny in Oslo',
      expected: 'Oslo',
    });
    expect(code).toBe(0);
  });

  it('fail vitest below the threshold, and say by how much', async () => {
    const { code, printed, reports } = await evals('below');
    expect(code).toBe(1);
    expect(printed).toContain('The mean score is 0.500, below 0.8.');
    expect(reports[0]).toMatchObject({ passed: false, score: 0.5 });
  });

  it('tell what failed in a trial, and go on with the others', async () => {
    const { code, printed, reports } = await evals('failing');
    expect(code).toBe(1);
    expect(reports.map(({ name, passed }) => [name, passed])).toEqual([
      ['without a threshold', false],
      ['with a threshold', true],
    ]);
    const [report] = reports;
    expect(report?.problem).toBe('2 of 3 trials failed.');
    expect(report?.results.map(({ error }) => error)).toEqual([
      undefined,
      undefined,
      'the task broke',
    ]);
    expect(report?.results[1]?.scores).toEqual({
      fits: { score: 0 },
      throwing: { score: 0, error: 'I do not know odd' },
      outOfRange: { score: 0, error: 'It gave 7; a score is a number from 0 to 1, or null.' },
    });
    expect(printed).toContain('✗ odd: throwing: I do not know odd');
    expect(printed).toContain('✗ bad: the task broke');
    expect(printed).not.toContain('\u001b[31m');
    expect(printed).toContain('no such data');
    expect(printed).toContain('The evaluation "with no data" has no rows');
    expect(printed).toContain('1 skipped');
  });

  it('take the scorers of autoevals', async () => {
    const { code, reports } = await evals('autoevals');
    const { scorers } = reports[0]!;
    expect(scorers['Levenshtein']?.mean).toBe(0.75);
    expect(scorers['ExactMatch']?.mean).toBe(0);
    expect(scorers['scorer 3']?.judged).toBe(1);
    expect(code).toBe(0);
  });
});
