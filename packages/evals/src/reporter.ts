import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkOptions } from '@throughline/core';
import type { EvaluationReport } from './report.ts';
import { tableOf } from './table.ts';

/** Where a test carries the report of its evaluation, from vitest's worker to its reporters. */
export const reportKey = 'throughlineEvaluation';

export interface EvalReporterOptions {
  /** A file to write all reports to, as JSON: `{ version, at, passed, evaluations }`. Default: none. */
  readonly json?: string;
}

/** What this reporter needs of vitest, so that its types hold for every 4.x. */
export interface EvalReporter {
  onInit(vitest: { readonly logger: { log(...words: unknown[]): void } }): void;
  onTestRunEnd(modules: readonly EvaluatedModule[]): void;
}

interface EvaluatedModule {
  readonly children: { allTests(): Iterable<{ meta(): object }> };
}

/**
 * A reporter for vitest that prints a table of each evaluation, for `reporters: ['default', evalReporter()]`. A JSON file that cannot be
 * written fails vitest.
 */
export function evalReporter(options: EvalReporterOptions = {}): EvalReporter {
  checkOptions('evalReporter()', options, { json: true });
  const { json } = options;
  let print: (text: string) => void = () => {};
  return {
    onInit({ logger }) {
      print = (text) => logger.log(text);
    },
    onTestRunEnd(modules) {
      const evaluations = modules.flatMap(({ children }) =>
        Array.from(children.allTests()).flatMap((test) => reportIn(test.meta()) ?? []),
      );
      for (const report of evaluations) print(tableOf(report));
      if (json !== undefined) write(json, evaluations);
    },
  };
}

function reportIn(meta: object): EvaluationReport | undefined {
  return (meta as { readonly [reportKey]?: EvaluationReport })[reportKey];
}

function write(file: string, evaluations: readonly EvaluationReport[]): void {
  const passed = evaluations.every((report) => report.passed);
  const all = { version: 1, at: new Date().toISOString(), passed, evaluations };
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
}
