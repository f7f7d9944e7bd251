import { isBuiltin } from 'node:module';
import { UsageError } from '../usage-error.ts';

/** What the packages depend on: npm installs no package inside one of the same name. */
const taken =
  /^(?:throughline|@throughline\/.*|zod|tsx|tsup|typescript|vitest|oxlint|@types\/node)$/;

/** Throws a `UsageError` that names the name and the rule, for one that npm does not take for a new package. */
export function checkPackageName(name: string): void {
  const why = faultOf(name);
  if (why === undefined) return;
  throw new UsageError(`${JSON.stringify(name)} cannot be the name of a package: ${why}.`);
}

function faultOf(name: string): string | undefined {
  const parts = /^@([^/]*)\/([^/]*)$/.exec(name)?.slice(1) ?? [name];
  if (name.length > 214) return `it has ${name.length} characters, and npm takes 214`;
  if (name !== name.toLowerCase()) return 'it may have no capital letters';
  if (parts.some((part) => part === '')) return 'it, or its scope, is empty';
  if (parts.some((part) => /^[._]/.test(part))) return 'it may not begin with "." or "_"';
  if (parts.some((part) => !/^[a-z0-9._-]+$/.test(part))) {
    return 'it may have small letters, digits, "-", "_" and ".", and a scope before it: @you/name';
  }
  if (parts.some((part) => part.startsWith('-'))) return 'it may not begin with "-"';
  if (isBuiltin(name)) return 'a module of Node has this name';
  if (/^(?:node_modules|favicon\.ico)$/.test(name)) return 'npm keeps this name for itself';
  if (taken.test(name)) return 'it depends on the package that has this name';
  return undefined;
}
