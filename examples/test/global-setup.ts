import { rm } from 'node:fs/promises';
import { buildPrograms } from '../../.ci/programs.ts';
import { builtPrograms, examples, tested } from './run.ts';

/** Builds the programs that `run` starts as they are built. */
export async function setup(): Promise<void> {
  await rm(tested, { recursive: true, force: true });
  const sources = builtPrograms().map((name) => [name, `${examples}${name}.ts`]);
  await buildPrograms(tested, Object.fromEntries(sources));
}
