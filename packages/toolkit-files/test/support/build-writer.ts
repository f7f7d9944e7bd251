import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPrograms } from '../../../../.ci/programs.ts';

/** Builds `dying-writer.ts` into a folder, and says where it is: so each of its many starts takes a tenth of a second, not one. */
export async function buildWriter(outDir: string): Promise<string> {
  const source = fileURLToPath(new URL('dying-writer.ts', import.meta.url));
  await buildPrograms(outDir, { 'dying-writer': source });
  return join(outDir, 'dying-writer.mjs');
}
