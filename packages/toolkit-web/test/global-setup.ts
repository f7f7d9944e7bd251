import { fileURLToPath } from 'node:url';
import { buildPrograms } from '../../../.ci/programs.ts';

/** Builds the program that reads pages. */
export async function setup(): Promise<void> {
  const path = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));
  await buildPrograms(path('.tested'), { 'page-process': path('src/page-process.ts') });
}
