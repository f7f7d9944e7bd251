import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Host } from '../command.ts';
import { UsageError } from '../usage-error.ts';

/** The variable that names a file of `throughline doctor --write`. */
export const capabilitiesVariable = 'ANYFAST_CAPABILITIES';

/** The file that the environment names, parsed; the transport checks what it says. Throws a `UsageError` for a file that cannot be read. */
export async function capabilitiesFile({ env, cwd }: Host): Promise<object | undefined> {
  const given = env[capabilitiesVariable]?.trim();
  if (given === undefined || given === '') return undefined;
  const path = resolve(cwd, given);
  const told = `${capabilitiesVariable}: ${path}`;
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`${told} cannot be read: ${cause.code ?? cause.message}.`, { cause });
  });
  try {
    return JSON.parse(text) as object;
  } catch (cause) {
    throw new UsageError(`${told} is not JSON. throughline doctor --write writes such a file.`, {
      cause,
    });
  }
}
