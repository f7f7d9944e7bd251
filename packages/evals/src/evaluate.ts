// This package owns evaluations: asking an agent many things, several times, and judging what came. It does not own the running of files,
// the watching and the exit code (vitest), or what a model says (a transport, or a cassette of @throughline/testing).

import { test } from 'vitest';
import { runEvaluation } from './evaluation.ts';
import { settle } from './options.ts';
import type { EvaluateOptions } from './options.ts';
import { reportKey } from './reporter.ts';

/** Declares an evaluation. */
export interface Evaluate {
  <Input, Output, Expected = undefined>(
    name: string,
    options: EvaluateOptions<Input, Output, Expected>,
  ): void;
  /** Only such evaluations of the file run. */
  only: Evaluate['skip'];
  /** It does not run, and the report says so. */
  skip: <Input, Output, Expected = undefined>(
    name: string,
    options: EvaluateOptions<Input, Output, Expected>,
  ) => void;
}

/**
 * Declares an evaluation in a file that vitest runs: one test, which asks `task` about every row of `data`, `trials` times each, and fails below
 * `threshold`. A task or scorer that throws is a failed trial that says so in the report; the others go on. Throws `invalid_option` at once.
 */
export const evaluate: Evaluate = Object.assign(declared(test), {
  only: declared(test.only),
  skip: declared(test.skip),
});

type Declare = (
  name: string,
  options: { readonly timeout: number },
  run: (context: {
    readonly task: { readonly meta: object };
    readonly signal: AbortSignal;
  }) => Promise<void>,
) => void;

function declared(declare: Declare) {
  return <Input, Output, Expected>(
    name: string,
    options: EvaluateOptions<Input, Output, Expected>,
  ): void => {
    const settings = settle(name, options);
    // Each trial has its own time; vitest's, of a few seconds, is for tests.
    declare(name, { timeout: 0 }, async ({ task, signal }) => {
      const report = await runEvaluation(name, settings, signal);
      Object.assign(task.meta, { [reportKey]: report });
      if (report.problem !== undefined) throw withoutStack(report.problem);
    });
  };
}

/** An error that points to no line: what is wrong is in the table. */
function withoutStack(problem: string): Error {
  const error = new Error(problem);
  error.stack = `Error: ${problem}`;
  return error;
}
