import { appendFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from '@throughline/core';
import { fileSessions } from '../src/index.ts';
import type { TailOptions } from '../src/index.ts';
import { scriptedModel } from '@throughline/testing';
import { expect, onTestFinished, test } from 'vitest';

async function folder() {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-read-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const sessions = fileSessions({ dir, sync: false });
  const read = async (id: string, options?: TailOptions) => {
    const batches = [];
    for await (const batch of sessions.tail(id, options)) batches.push(batch);
    return { lines: batches.flatMap(({ lines }) => lines), endsAt: batches.at(-1)?.endsAt ?? 0 };
  };
  return { dir, sessions, read };
}

const says = (...texts: readonly string[]) =>
  new Agent({ model: scriptedModel(texts.map((text) => ({ text }))) });

test('a session that is open is read without its lock, and names who has it open', async () => {
  const { sessions, read } = await folder();
  const session = await sessions.open('chat');
  await says('Hello.').run('Hi.', { session });
  expect(await sessions.holder('chat')).toBe('this process');
  const { lines } = await read('chat');
  expect(lines.map((line) => line.seq)).toEqual(lines.map((_, at) => at + 1));
  expect(lines.length).toBe(session.lastSeq);
  await session.close();
  expect(await sessions.holder('chat')).toBeUndefined();
});

test('a read goes on where an earlier one ended, and leaves a line that is not whole', async () => {
  const { dir, sessions, read } = await folder();
  const session = await sessions.open('chat');
  await says('One.').run('First.', { session });
  const first = await read('chat');
  await says('Two.').run('Second.', { session });
  await session.close();
  await appendFile(join(dir, 'chat.jsonl'), '{"seq":99,');
  const { size } = await stat(join(dir, 'chat.jsonl'));
  const second = await read('chat', { from: first.endsAt });
  expect(second.lines[0]?.seq).toBe((first.lines.at(-1)?.seq ?? 0) + 1);
  expect(second.lines.at(-1)?.seq).toBe(session.lastSeq);
  expect((await stat(join(dir, 'chat.jsonl'))).size).toBe(size);
  expect((await read('chat', { from: second.endsAt })).lines).toEqual([]);
  await rm(join(dir, 'chat.jsonl'));
  await expect(read('chat', { from: second.endsAt })).rejects.toMatchObject({
    code: 'session_not_found',
  });
});

test('a fork is read with its parent’s lines first', async () => {
  const { sessions, read } = await folder();
  const session = await sessions.open('chat');
  await says('One.').run('First.', { session });
  await session.close();
  await sessions.fork('chat', 'again', { seq: 2 });
  expect((await read('again')).lines.map((line) => line.seq)).toEqual([1, 2]);
});

test('a large event is read with the rest', async () => {
  const { sessions, read } = await folder();
  const session = await sessions.open('chat');
  await says('x'.repeat(300_000)).run('Much.', { session });
  await session.close();
  const { lines } = await read('chat');
  const answer = lines.map(({ event }) => event).find(({ type }) => type === 'answer');
  expect(answer).toMatchObject({ message: { content: 'x'.repeat(300_000) } });
});

test('reading makes nothing: no folder of locks, no session', async () => {
  const { dir, sessions, read } = await folder();
  await expect(read('none')).rejects.toThrow('There is no session "none".');
  expect(await sessions.holder('none')).toBeUndefined();
  expect(await readdir(dir)).toEqual([]);
  await writeFile(join(dir, 'bad.jsonl'), 'garbage\n');
  await expect(read('bad')).rejects.toMatchObject({ code: 'session_corrupt' });
});

test('a fault is named by its line, or by the byte where the reading began, and what the disk refuses has a type', async () => {
  const { dir, sessions, read } = await folder();
  const session = await sessions.open('chat');
  await says('One.').run('First.', { session });
  await session.close();
  const { endsAt } = await read('chat');
  await appendFile(join(dir, 'chat.jsonl'), 'garbage\n');
  await expect(read('chat', { from: endsAt })).rejects.toThrow(
    `a line behind byte ${endsAt} of its file that is not JSON`,
  );
  await expect(read('chat')).rejects.toThrow(/a line \d+ in its file that is not JSON/);
  await mkdir(join(dir, 'folder.jsonl'));
  await expect(read('folder')).rejects.toMatchObject({ code: 'session_storage' });
});
