import { createHash } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ThroughlineError } from '@throughline/core';
import type { SessionLine } from '@throughline/core';
import { makePrivateFolder, openPrivate } from './private-file.ts';
import { syncFolder } from './sync-folder.ts';

/** A line longer than this is kept in a file of its own. */
export const largeChars = 256 * 1024;

/** What stands in the log instead of a large event. */
interface LargeLine extends Omit<SessionLine, 'event'> {
  readonly large: { readonly type: string; readonly sha256: string; readonly bytes: number };
}

/** Writes a large event beside the log, safely, and returns the line that stands for it. */
export async function putLarge(folder: string, line: SessionLine, sync: boolean): Promise<string> {
  const { event, ...rest } = line;
  const bytes = Buffer.from(JSON.stringify(event));
  const sha256 = sha256Of(bytes);
  await makePrivateFolder(folder);
  const draft = join(folder, `${sha256}.new`);
  const file = await openPrivate(draft, 'draft');
  try {
    await file.writeFile(bytes);
    if (sync) await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(folder, `${sha256}.json`));
  if (sync) await syncFolder(folder);
  const large: LargeLine = {
    ...rest,
    large: { type: event.type, sha256, bytes: bytes.length },
  };
  return JSON.stringify(large);
}

/** The line as it was, where `parsed` stands for a large one. Rejects where the file is not what it was. */
export async function getLarge(folder: string, parsed: unknown): Promise<unknown> {
  if (typeof parsed !== 'object' || parsed === null || !('large' in parsed)) return parsed;
  const { large, ...rest } = parsed as LargeLine;
  if (!/^[0-9a-f]{64}$/.test(large?.sha256)) return parsed; // the session says that it is none of its lines
  const path = join(folder, `${large.sha256}.json`);
  const bytes = await readPrivate(path);
  if (sha256Of(bytes) !== large.sha256) {
    throw new ThroughlineError(
      'session_corrupt',
      `${path} is not any more what line ${rest.seq} of the session means. Nothing was changed.`,
    );
  }
  return { ...rest, event: JSON.parse(bytes.toString('utf8')) as unknown };
}

async function readPrivate(path: string): Promise<Buffer> {
  const file = await openPrivate(path, 'read');
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
