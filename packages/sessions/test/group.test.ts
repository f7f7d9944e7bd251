import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session, SessionLine } from '@throughline/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sqliteSessions } from '../src/index.ts';
import { syncFolder } from '../src/sync-folder.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'throughline-group-'));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

function line(seq: number): SessionLine {
  const messages = [{ role: 'user' as const, content: `m${seq}` }];
  const event = { type: 'message', runId: 'r', source: 'input', messages } as const;
  return { seq, v: 1, runId: 'r', key: `input/${seq}`, event };
}

/** How often something was committed to the write-ahead log: the last frame of each transaction carries a size (sqlite.org/fileformat). */
async function commitsIn(file: string): Promise<number> {
  const log = await readFile(`${file}-wal`);
  const frame = 24 + log.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at + frame <= log.length; at += frame) {
    const isOfThisLog = log.readUInt32BE(at + 8) === log.readUInt32BE(16);
    if (isOfThisLog && log.readUInt32BE(at + 4) > 0) commits++;
  }
  return commits;
}

async function opened(file: string, count: number): Promise<readonly Session[]> {
  const sessions = sqliteSessions({ file });
  return Promise.all(Array.from({ length: count }, (_, at) => sessions.open(`chat-${at}`)));
}

it('sessions of one database that record at the same time share a transaction, and its sync', async () => {
  const file = join(home, 'all.db');
  const sessions = await opened(file, 50);
  const before = await commitsIn(file);
  for (let seq = 1; seq <= 3; seq++) {
    await Promise.all(sessions.map(({ log }) => log.append(seq - 1, [line(seq)])));
  }
  expect((await commitsIn(file)) - before).toBe(3);
  for (const session of sessions) await session.close();
  const again = await sqliteSessions({ file }).open('chat-49');
  expect(again.messages.map(({ content }) => content)).toEqual(['m1', 'm2', 'm3']);
  await again.close();
});

it('one that may not record harms none of those it shares a transaction with', async () => {
  const file = join(home, 'all.db');
  const sessions = await opened(file, 5);
  const settled = await Promise.allSettled(
    sessions.map(({ log }, at) => log.append(at === 2 ? 7 : 0, [line(1)])),
  );
  expect(settled.map(({ status }) => status)).toEqual(
    [0, 1, 2, 3, 4].map((at) => (at === 2 ? 'rejected' : 'fulfilled')),
  );
  expect(settled[2]).toMatchObject({ reason: { code: 'session_conflict' } });
  for (const session of sessions) await session.close();
  const stored = async (id: string) => {
    const session = await sqliteSessions({ file }).open(id);
    const { lastSeq } = session;
    await session.close();
    return lastSeq;
  };
  expect([await stored('chat-1'), await stored('chat-2'), await stored('chat-3')]).toEqual([
    1, 0, 1,
  ]);
});

it('sessions that begin at the same time in one folder wait for two syncs of it, however many they are', async () => {
  const first = syncFolder(home);
  const others = Array.from({ length: 100 }, () => syncFolder(home));
  expect(new Set([first, ...others]).size).toBe(2);
  await Promise.all(others);
  expect(others).not.toContain(syncFolder(home)); // what is done covers no name that comes later
});

it('a folder that cannot be synced is told to each who asked, and asked anew', async () => {
  const gone = join(home, 'gone');
  const settled = await Promise.allSettled([1, 2, 3].map(() => syncFolder(gone)));
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await expect(syncFolder(gone)).rejects.toMatchObject({ code: 'ENOENT' });
});
