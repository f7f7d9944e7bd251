import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ThroughlineError } from '@throughline/core';
import type { SessionLog } from '@throughline/core';
import type { LineSource } from './stored.ts';

/** What a cassette is made of, and where. */
export interface CassetteOrder {
  readonly file: string;
  /** The session's lines. It can only be read, so a session that another process has open serves too. */
  readonly log: SessionLog;
  /** Only this run; else all of the session. */
  readonly runId?: string;
}

/** Writes the cassette: `({ file, log, runId }) => cassette.fromSession(file, log, { body, runId })` of `@throughline/testing`. */
export type CassetteOf = (order: CassetteOrder) => Promise<void>;

/** The bytes of a cassette of a session. It is made in a folder for its owner alone, which is gone afterwards. */
export async function cassetteBytes(
  source: LineSource,
  {
    id,
    runId,
    make,
  }: { readonly id: string; readonly runId: string | null; make?: CassetteOf | undefined },
): Promise<Uint8Array> {
  if (make === undefined) {
    throw new ThroughlineError(
      'invalid_input',
      'No cassette can be made: the host passes how, inspector({ sessions, cassette }).',
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'throughline-cassette-'));
  try {
    const file = join(folder, 'run.cassette');
    const log = readOnly(source, id);
    await make({ file, log, ...(runId === null ? {} : { runId }) });
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readOnly(source: LineSource, id: string): SessionLog {
  return {
    id,
    inheritedSeq: 0,
    async *read(fromSeq = 1) {
      for await (const { lines } of source.tail(id))
        yield lines.filter(({ seq }) => seq >= fromSeq);
    },
    append: () =>
      Promise.reject(
        new ThroughlineError('session_storage', `The session "${id}" is only read here.`),
      ),
    close: async () => {},
  };
}
