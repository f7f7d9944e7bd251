import { Agent, tool } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import { describe, expect, it } from 'vitest';
import { runEvaluation } from '../src/evaluation.ts';
import { settle } from '../src/options.ts';
import type { EvaluateOptions, TaskScope } from '../src/options.ts';

const good = () => 1;

function run<Input, Output>(
  options: EvaluateOptions<Input, Output, unknown>,
  signal = new AbortController().signal,
) {
  return runEvaluation('it', settle('it', options), signal);
}

const rows = (count: number) => Array.from({ length: count }, (_, input) => ({ input }));

describe('an evaluation', () => {
  it('runs so many trials at the same time, and no more', async () => {
    let running = 0;
    let most = 0;
    const task = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
    };
    const report = await run({ data: rows(20), task, scorers: [good], trials: 3, concurrency: 5 });
    expect(most).toBe(5);
    expect(report.results).toHaveLength(60);
    expect(report.results.slice(0, 4).map(({ row, trial }) => [row, trial])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 1],
    ]);
  });

  it('tells the spread of a scorer over the trials', async () => {
    const scores = [1, 0, 1, 0];
    const report = await run({
      data: rows(1),
      task: (_, { trial }) => scores[trial - 1],
      scorers: [({ output }) => output ?? null],
      trials: 4,
      concurrency: 1,
    });
    expect(report.scorers['scorer 1']).toEqual({ mean: 0.5, deviation: 0.5, judged: 4 });
  });

  it('counts null for nothing, and fails where nothing was judged', async () => {
    const judged = await run({
      data: rows(2),
      task: (input) => input,
      scorers: [({ output }) => (output === 0 ? null : 1)],
    });
    expect(judged).toMatchObject({ passed: true, score: 1 });
    const none = await run({ data: rows(2), task: () => 0, scorers: [() => null] });
    expect(none).toMatchObject({
      passed: false,
      score: null,
      problem: 'Nothing was judged: every scorer gave null.',
    });
  });

  it('ends a trial that takes too long, also one that ignores its signal', async () => {
    const signals: AbortSignal[] = [];
    const report = await run({
      data: rows(2),
      task: (_, { signal }) => {
        signals.push(signal);
        return new Promise<never>(() => {});
      },
      scorers: [good],
      timeoutMs: 20,
    });
    expect(report.problem).toBe('2 of 2 trials failed.');
    expect(report.results[0]?.error).toBe('The trial took longer than 20 ms (timeoutMs).');
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
  });

  it('stops at once when it is aborted: what runs is told so, and what waits never starts', async () => {
    const controller = new AbortController();
    let started = 0;
    const report = await run(
      {
        data: rows(50),
        task: () => {
          if (++started === 2) controller.abort(new Error('stopped by hand'));
          return new Promise<never>(() => {});
        },
        scorers: [good],
        concurrency: 2,
      },
      controller.signal,
    );
    expect(started).toBe(2);
    expect(new Set(report.results.map(({ error }) => error))).toEqual(new Set(['stopped by hand']));
  });

  it('aborts the run that a task watches, though the task passes no signal on', async () => {
    const ended: unknown[] = [];
    const controller = new AbortController();
    const stopped = new Error('stopped by hand');
    const hang = tool({
      name: 'hang',
      description: 'Waits.',
      inputSchema: { type: 'object', properties: {}, additionalProperties: false },
      execute: (_, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            ended.push(signal.reason);
            reject(signal.reason);
          });
          controller.abort(stopped);
        }),
    });
    const model = scriptedModel(() => ({ calls: [{ name: 'hang', arguments: {} }] }));
    const agent = new Agent({ model, tools: [hang] });
    const task = async (_: number, { watch }: TaskScope) => (await watch(agent.stream('Go.'))).text;
    const report = await run({ data: rows(1), task, scorers: [good] }, controller.signal);
    expect(report.results[0]?.error).toBe('stopped by hand');
    expect(ended).toEqual([stopped]);
  });

  it('keeps two scorers of one name apart', async () => {
    const same = () => 1;
    const report = await run({ data: rows(1), task: () => 0, scorers: [same, same] });
    expect(Object.keys(report.scorers)).toEqual(['same', 'same (2)']);
  });

  it('says which scorer a threshold names in vain', async () => {
    const report = await run({
      data: rows(1),
      task: () => 0,
      scorers: [good],
      threshold: { gud: 1 },
    });
    expect(report.problem).toBe('There is no scorer "gud", only good.');
  });

  it('cuts what is long in the report, and keeps what is no JSON as words', async () => {
    const report = await run({
      data: rows(1),
      task: () => ({ long: 'x'.repeat(50_000), n: 1n }),
      scorers: [good],
    });
    expect(report.results[0]?.output).toBe('a value that is no JSON');
    const long = await run({ data: rows(1), task: () => 'x'.repeat(50_000), scorers: [good] });
    expect(String(long.results[0]?.output).length).toBeLessThan(10_100);
  });

  it.each<[unknown, string]>([
    [Number.NaN, 'It gave NaN;'],
    [{ score: Number.NaN }, 'It gave {"score":"NaN"};'],
    [Infinity, 'It gave Infinity;'],
    [1n, 'It gave 1;'],
    [undefined, 'It gave undefined;'],
    [1.0001, 'It gave 1.0001;'],
  ])('fails a trial to which a scorer gives %s, and says so', async (said, words) => {
    const report = await run({ data: rows(1), task: () => 0, scorers: [() => said as number] });
    expect(report).toMatchObject({ passed: false, score: 0 });
    const error = report.results[0]?.scores['scorer 1']?.error;
    expect(error).toContain(`${words} a score is a number from 0 to 1, or null`);
  });

  it('lets a trial take as long as timeoutMs says, also where that is more than a timer holds', async () => {
    const task = () => new Promise<number>((resolve) => setTimeout(() => resolve(7), 20));
    const report = await run({ data: rows(1), task, scorers: [good], timeoutMs: 2 ** 31 });
    expect(report).toMatchObject({ passed: true, results: [{ output: 7 }] });
  });

  it('stops at once when it is aborted while its data is still fetched', async () => {
    const stop = new AbortController();
    const data = () => {
      queueMicrotask(() => stop.abort('enough'));
      return new Promise<never>(() => {});
    };
    await expect(run({ data, task: () => 0, scorers: [good] }, stop.signal)).rejects.toBe('enough');
  });

  it.each([null, undefined, 'text', { inputs: 1 }])(
    'names the row that is none: %j',
    async (odd) => {
      const data = [{ input: 1 }, odd] as never;
      await expect(run({ data, task: () => 0, scorers: [good] })).rejects.toThrow(
        /row 2 of its data is (null|undefined|"text"|{"inputs":1})/,
      );
    },
  );

  it.each([
    [{ data: 1 }, 'data is 1'],
    [{ task: 'x' }, 'task is "x"'],
    [{ scorers: [] }, 'scorers is []'],
    [{ trials: 0 }, 'trials is 0'],
    [{ concurrency: 1.5 }, 'concurrency is 1.5'],
    [{ threshold: 2 }, 'threshold is 2'],
    [{ threshold: { a: -1 } }, 'threshold["a"] is -1'],
    [{ threshold: Number.NaN }, 'threshold is NaN'],
    [{ timeoutMs: 0 }, 'timeoutMs is 0'],
    [{ timeoutMs: Infinity }, 'timeoutMs is Infinity'],
    [{ treshold: 1 }, 'has no option "treshold"'],
  ])('refuses %o', (options, words) => {
    const all = { data: rows(1), task: () => 0, scorers: [good], ...options };
    expect(() => settle('it', all as never)).toThrow(words);
  });
});
