import { constants } from 'node:fs';
import { access, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import type { Host } from '../command.ts';
import { visibleJson } from '../terminal/visible-text.ts';
import { withoutKey } from '../terminal/without-key.ts';
import { UsageError } from '../usage-error.ts';
import { isFields, objectIn } from './endpoint-client.ts';
import { marks } from './finding-row.ts';
import type { Report } from './report.ts';

/** The path of a report that can be written. Throws a `UsageError` before anything was asked and paid for. */
export async function writablePath(given: string, { cwd }: Host): Promise<string> {
  const path = resolve(cwd, given);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw new UsageError(`${path} is a folder: --write names a file.`);
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw new UsageError(`Nothing can be written to ${dirname(path)}: ${codeOf(cause)}.`, {
      cause,
    });
  });
  return path;
}

/** Writes the report whole or not at all. */
export async function writeReport(path: string, report: Report, { env }: Host): Promise<void> {
  const json = visibleJson(withoutKey(JSON.stringify(report, null, 2), env));
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(draft, `${json}\n`);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/** A report that was written before. Throws a `UsageError` that names the file and what is wrong with it. */
export async function readReport(given: string, { cwd }: Host): Promise<Report> {
  const path = resolve(cwd, given);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`${path} cannot be read: ${codeOf(cause)}.`, { cause });
  });
  const value = objectIn(text);
  if (!isReport(value))
    throw new UsageError(`${path} is no report of the doctor, as --write writes it.`);
  return value;
}

function isReport(value: unknown): value is Report {
  if (!isFields(value) || value['version'] !== 1 || !isFields(value['use'])) return false;
  const { baseURL, model, checkedAt, findings } = value;
  if (![baseURL, model, checkedAt].every(isText) || !Array.isArray(findings)) return false;
  return findings.every(
    (one) =>
      isFields(one) && isText(one['name']) && isText(one['says']) && isOutcome(one['outcome']),
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isOutcome(value: unknown): boolean {
  return isText(value) && Object.hasOwn(marks, value);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
