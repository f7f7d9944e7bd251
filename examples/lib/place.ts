import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file or folder that stands beside a program: `beside(import.meta.url, 'invoices')`. */
export function beside(program: string, path: string): string {
  return fileURLToPath(new URL(path, program));
}

/** A path as the person meant it: relative to where the command was called, which is not where pnpm runs it. */
export function asCalled(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', path);
}
