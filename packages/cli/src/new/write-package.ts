import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';

/**
 * Writes the files of a template into a folder, which is made where it is not there, and returns their paths in it, in order. Throws a
 * `UsageError` for a folder that holds anything; no file is ever written over.
 */
export async function writePackage(
  template: string,
  { name, folder }: { readonly name: string; readonly folder: string },
): Promise<readonly string[]> {
  await checkEmpty(folder);
  // Seen from the source and from what is built, the templates are elsewhere.
  const from = join(
    dirname(createRequire(import.meta.url).resolve('throughline/package.json')),
    'templates',
    template,
  );
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(from.length + 1));
  const written: string[] = [];
  for (const file of files) {
    const text = await readFile(join(from, file), 'utf8');
    const path = join(dirname(file), names[basename(file)] ?? basename(file));
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const filled = text.replaceAll('{{name}}', name).replaceAll('{{version}}', version);
    await writeFile(join(folder, path), filled, { flag: 'wx' });
    written.push(path);
  }
  return written.sort();
}

/** How files are called that npm or its tools would take for their own if they had their names in our package. */
const names: Readonly<Record<string, string>> = {
  gitignore: '.gitignore',
  'package.template.json': 'package.json',
};

async function checkEmpty(folder: string): Promise<void> {
  try {
    const [first] = await readdir(folder);
    if (first === undefined) return;
    throw new UsageError(`${folder} is not empty: it holds ${first}. Nothing was written.`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    if (code !== 'ENOTDIR') throw error;
    throw new UsageError(`${folder} is a file, or lies in one. Nothing was written.`);
  }
}
