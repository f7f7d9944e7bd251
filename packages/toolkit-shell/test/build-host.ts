import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPrograms } from '../../../.ci/programs.ts';

/** Builds a host that stands beside this file, in a folder of its own below `root`, and says where it is. */
export async function buildHost(name: string, root: string): Promise<string> {
  const folder = join(root, 'programs');
  await buildPrograms(folder, { [name]: fileURLToPath(new URL(`${name}.ts`, import.meta.url)) });
  return join(folder, `${name}.mjs`);
}
