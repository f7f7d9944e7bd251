import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session, SessionLine, ThroughlineError } from '@throughline/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fileSessions, sqliteSessions } from '../src/index.ts';
import { buildPrograms } from './support/processes.ts';
import type { Programs } from './support/processes.ts';

let programs: Programs;
let dir: string;
beforeAll(async () => {
  programs = await buildPrograms('worker', 'filler', 'reader');
});
afterAll(() => programs.remove());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'throughline-damage-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const path = () => join(dir, 'chat.jsonl');

async function errorOf(work: Promise<unknown>): Promise<ThroughlineError> {
  return work.then(
    () => {
      throw new Error('it did not reject');
    },
    (error: unknown) => error as ThroughlineError,
  );
}

function line(seq: number, content = 'hello'): SessionLine {
  const messages = [{ role: 'user' as const, content }];
  const event = { type: 'message', runId: 'r', source: 'input', messages } as const;
  return { seq, v: 1, runId: 'r', key: `input/${seq}`, event };
}

/** A session of so many lines, closed. */
async function stored(count = 5): Promise<void> {
  const session = await fileSessions({ dir, sync: false }).open('chat');
  const lines = Array.from({ length: count }, (_, at) => line(at + 1, `message ${at + 1}`));
  await session.log.append(0, lines);
  await session.close();
}

async function contents(session: Session): Promise<readonly string[]> {
  await session.close();
  return session.messages.map(({ content }) => String(content));
}

describe('a file with damage', () => {
  it.each<[string, Buffer]>([
    ['half a line', Buffer.from('{"seq":6,"v":1,"runId":"r","key":"in')],
    ['a whole line without its line feed', Buffer.from(JSON.stringify(line(6)))],
    ['half a character', Buffer.from('{"seq":6,"key":"\u00e4').subarray(0, -1)],
    ['zeros, as a power failure leaves them', Buffer.alloc(5000)],
  ])('at its end is cut back: %s', async (_name, tail) => {
    await stored();
    const { size } = await stat(path());
    await appendFile(path(), tail);
    const session = await fileSessions({ dir }).open('chat');
    expect((await stat(path())).size).toBe(size);
    await session.log.append(5, [line(6, 'the next one')]);
    expect((await contents(await reopened(session))).slice(-2)).toEqual([
      'message 5',
      'the next one',
    ]);
  });

  async function reopened(session: Session): Promise<Session> {
    await session.close();
    return fileSessions({ dir }).open('chat');
  }

  it.each<[string, (text: string) => string | Buffer, string, RegExp]>([
    [
      'garbage',
      (text) => text.replace('"seq":3', '"s#q:3'),
      'session_corrupt',
      /line 4 in its file that is not JSON/,
    ],
    [
      'an empty line',
      (text) => text.replace('\n{"seq":3', '\n\n{"seq":3'),
      'session_corrupt',
      /line 4 in its file that is not JSON/,
    ],
    [
      'a garbled last line',
      (text) => `${text}{"seq":6,\n`,
      'session_corrupt',
      /line 7 in its file/,
    ],
    [
      'a line that was removed',
      (text) => text.replace(/\{"seq":3.*\n/, ''),
      'session_corrupt',
      /Line 3 .* has the number 4/,
    ],
    [
      'bytes that are no text',
      (text) => Buffer.from(text.replace('message 3', '\u00ff'), 'latin1'),
      'session_corrupt',
      /bytes that are no UTF-8/,
    ],
    [
      'a line of a newer version',
      (text) => text.replace('"seq":3,"v":1', '"seq":3,"v":2'),
      'session_version',
      /Line 3 .* of version 2; this release reads version 1/,
    ],
    [
      'a header of a newer version',
      (text) => text.replace('"session","v":1', '"session","v":7'),
      'session_version',
      /of version 7/,
    ],
    [
      'another session’s header',
      (text) => text.replace('"id":"chat"', '"id":"other"'),
      'session_corrupt',
      /holds the session "other", not "chat"/,
    ],
    [
      'no header',
      (text) => text.slice(text.indexOf('\n') + 1),
      'session_corrupt',
      /does not begin as a session does/,
    ],
    [
      'something else altogether',
      () => 'Dear diary',
      'session_corrupt',
      /does not begin as a session does/,
    ],
  ])(
    'in its middle is refused in words, and nothing is written over: %s',
    async (_name, change, code, words) => {
      await stored();
      const damaged = change(await readFile(path(), 'utf8'));
      await writeFile(path(), damaged);
      for (let times = 0; times < 2; times++) {
        const error = await errorOf(fileSessions({ dir }).open('chat'));
        expect(error).toMatchObject({ code });
        expect(error.message).toMatch(words);
        expect(error.message).toMatch(/Nothing was changed/);
        expect(await readFile(path())).toEqual(Buffer.from(damaged));
      }
    },
  );

  it('that is cut anywhere gives what stood before, or is refused', async () => {
    await stored(20);
    const whole = await readFile(path());
    for (let bytes = 0; bytes < whole.length; bytes += 37) {
      await writeFile(path(), whole.subarray(0, bytes));
      const session = await fileSessions({ dir, sync: false }).open('chat');
      const lines = whole.subarray(0, bytes).toString().split('\n').length - 2;
      expect(session.lastSeq).toBe(Math.max(0, lines));
      await session.close();
    }
  });

  it('begins again where a crash cut its very first line', async () => {
    await stored();
    await truncate(path(), 20);
    const session = await fileSessions({ dir }).open('chat');
    expect(session.lastSeq).toBe(0);
    await session.log.append(0, [line(1, 'anew')]);
    expect(await contents(await reopened(session))).toEqual(['anew']);
  });
});

describe('a large result', () => {
  it('is kept beside the log, by its hash, and comes back', async () => {
    const session = await fileSessions({ dir }).open('chat');
    const large = '🧵'.repeat(200_000);
    await session.log.append(0, [line(1, large), line(2)]);
    await session.close();
    expect((await stat(path())).size).toBeLessThan(10_000);
    expect(await readFile(path(), 'utf8')).toMatch(
      /"large":\{"type":"message","sha256":"[0-9a-f]{64}","bytes":8\d{5}\}/,
    );
    const again = await fileSessions({ dir }).open('chat');
    expect(again.messages[0]?.content === large).toBe(true);
    await again.close();
  });

  it.each(['lost', 'changed'])('that is %s is refused in words', async (how) => {
    const session = await fileSessions({ dir }).open('chat');
    await session.log.append(0, [line(1, 'x'.repeat(300_000))]);
    await session.close();
    const [file = ''] = await readdir(join(dir, 'chat.large'));
    const large = join(dir, 'chat.large', file);
    if (how === 'lost') await unlink(large);
    else await appendFile(large, ' ');
    const error = await errorOf(fileSessions({ dir }).open('chat'));
    expect(error).toMatchObject({ code: 'session_corrupt' });
    expect(error.message).toContain(large);
  });
});

describe('two writers', () => {
  it.each(['files', 'sqlite'])(
    'from two processes: the second is refused at once, by name (%s)',
    async (store) => {
      const started = programs.start('worker', [store, dir, 'hold']);
      try {
        await started.said('open');
        const sessions =
          store === 'files'
            ? fileSessions({ dir: join(dir, 'sessions') })
            : sqliteSessions({ file: join(dir, 'sessions.db') });
        const fromMs = performance.now();
        const error = await errorOf(sessions.open('chat'));
        expect(performance.now() - fromMs).toBeLessThan(1_000);
        expect(error).toMatchObject({ code: 'session_locked' });
        expect(error.message).toContain(`open in process ${started.process.pid}.`);
        started.process.kill('SIGKILL');
        // Over at once, even before anybody has taken note of its death.
        for (let tries = 0; ; tries++) {
          const session = await sessions.open('chat').catch((thrown: unknown) => thrown);
          if (session instanceof Error && tries < 100) continue;
          await (session as Session).close();
          break;
        }
      } finally {
        started.process.kill('SIGKILL');
        await started.ended;
      }
    },
  );

  it('that come at the same time after a crash: one gets in', async () => {
    await stored();
    const dead = { pid: 2 ** 22 - 1, host: (await import('node:os')).hostname(), started: 'x' };
    for (let round = 0; round < 10; round++) {
      await writeFile(join(dir, '.locks', 'chat.3'), JSON.stringify(dead));
      const tries = await Promise.allSettled(
        Array.from({ length: 8 }, () => fileSessions({ dir }).open('chat')),
      );
      const opened = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(opened.length).toBeLessThanOrEqual(1);
      for (const one of tries) {
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'session_locked' });
      }
      for (const session of opened) await session.close();
      expect(await readdir(join(dir, '.locks'))).toEqual(opened.length === 1 ? [] : ['chat.3']);
    }
  });

  it('of which one is on another machine: it is taken to live', async () => {
    await stored();
    const owner = { pid: 1, host: 'elsewhere', started: 'x' };
    await writeFile(join(dir, '.locks', 'chat.1'), JSON.stringify(owner));
    const error = await errorOf(fileSessions({ dir }).open('chat'));
    expect(error.message).toMatch(
      /open in process 1 on the machine "elsewhere".*remove .*chat[.]1/,
    );
  });

  it('of which one had the number of a process that lives: it is known by its start', async () => {
    await stored();
    const owner = {
      pid: process.pid,
      host: (await import('node:os')).hostname(),
      started: 'long ago',
    };
    await writeFile(join(dir, '.locks', 'chat.1'), JSON.stringify(owner));
    await (await fileSessions({ dir }).open('chat')).close();
  });

  it.each([
    ['appends', (file: string) => appendFile(file, '{}\n')],
    ['cuts', (file: string) => truncate(file, 10)],
    ['removes', (file: string) => unlink(file)],
  ])('of which one does not ask and %s: the other stops', async (_how, meddle) => {
    await stored();
    const session = await fileSessions({ dir }).open('chat');
    await session.log.append(5, [line(6)]);
    await meddle(path());
    expect(await errorOf(session.log.append(6, [line(7)]))).toMatchObject({
      code: 'session_conflict',
    });
    await session.close();
  });

  it('of which one took the database over: the other stops', async () => {
    const file = join(dir, 'sessions.db');
    const session = await sqliteSessions({ file }).open('chat');
    await session.log.append(0, [line(1)]);
    const { default: Libsql } = (await import('libsql')) as unknown as {
      default: new (path: string) => { exec(sql: string): void; close(): void };
    };
    const db = new Libsql(file);
    db.exec(`UPDATE owners SET token = 'another'`);
    db.close();
    expect(await errorOf(session.log.append(1, [line(2)]))).toMatchObject({
      code: 'session_conflict',
    });
    await session.close();
  });
});

describe('a disk', () => {
  const saidBy = async (args: readonly string[], options: Parameters<Programs['start']>[2]) => {
    const { out, err } = await programs.start('filler', args, options).ended;
    const said = out
      .split('\n')
      .flatMap((text) => (text === '' ? [] : [JSON.parse(text) as never]));
    return { ...Object.assign({}, ...said), err } as {
      acknowledged?: number;
      code?: string;
      message?: string;
      cause?: string;
      err: string;
    };
  };

  it('that takes no more is told in words; what was acknowledged is there, nothing is torn', async () => {
    // A file may not grow over 100 KB: the system writes a part of the line, then refuses.
    const under = ['bash', '-c', 'ulimit -f 100; exec "$@"', 'bash'];
    const said = await saidBy([dir, 'chat', '3000'], { under });
    expect(said).toMatchObject({ code: 'session_storage', cause: 'EFBIG' });
    expect(said.message).toMatch(/cannot be written: the file may not grow any further \(EFBIG\)/);
    expect(said.acknowledged).toBeGreaterThan(20);
    expect((await readFile(path())).at(-1)).toBe(0x0a); // cut back by the process itself
    const session = await fileSessions({ dir }).open('chat');
    expect(session.lastSeq).toBe(said.acknowledged);
    expect(session.messages.map(({ content }) => String(content).split(' ')[0])).toEqual(
      Array.from({ length: said.acknowledged ?? 0 }, (_, at) => String(at)),
    );
    await session.close();
  });

  it.runIf(process.getuid?.() === 0)('that is full is told in words', async () => {
    execFileSync('mknod', [path(), 'c', '1', '7']); // what /dev/full is
    const said = await saidBy([dir], {});
    expect(said).toMatchObject({ code: 'session_storage', cause: 'ENOSPC', acknowledged: 0 });
    expect(said.message).toMatch(/the disk is full \(ENOSPC\)/);
  });

  it('that may not be written is told in words when a session is opened', async () => {
    await stored();
    await chmod(dir, 0o555);
    await chmod(join(dir, '.locks'), 0o555);
    const isRoot = process.getuid?.() === 0;
    const said = await saidBy([dir], isRoot ? { uid: 65534, gid: 65534 } : {});
    await chmod(join(dir, '.locks'), 0o755);
    await chmod(dir, 0o755);
    expect(said).toMatchObject({ code: 'session_storage', cause: 'EACCES' });
    expect(said.message).toMatch(/"chat" cannot be opened: permission is denied \(EACCES\)/);
    expect(said.acknowledged).toBeUndefined();
  });

  // Node's own recursive `mkdir` never ends here, nor on a mount that went stale: the folder above is there, and takes no entry.
  it('that has no room for a folder is told in words', async () => {
    for (const sessions of [
      fileSessions({ dir: '/proc/throughline/sessions' }),
      sqliteSessions({ file: '/proc/throughline/db' }),
    ]) {
      expect(await errorOf(sessions.open('chat'))).toMatchObject({ code: 'session_storage' });
    }
  });

  it('path that leads through a file is told in words', async () => {
    await writeFile(join(dir, 'file'), '');
    for (const sessions of [
      fileSessions({ dir: join(dir, 'file/sessions') }),
      sqliteSessions({ file: join(dir, 'file/sessions/db') }),
    ]) {
      expect(await errorOf(sessions.open('chat'))).toMatchObject({ code: 'session_storage' });
    }
  });

  it('database that is none, or of a newer version, is told in words', async () => {
    const file = join(dir, 'db');
    await writeFile(file, 'Dear diary, '.repeat(500));
    expect(await errorOf(sqliteSessions({ file }).open('chat'))).toMatchObject({
      code: 'session_storage',
    });
    expect(await readFile(file, 'utf8')).toMatch(/^Dear diary, /);
    const newer = join(dir, 'newer');
    await (await sqliteSessions({ file: newer }).open('chat')).close();
    const { default: Libsql } = (await import('libsql')) as unknown as {
      default: new (path: string) => { exec(sql: string): void; close(): void };
    };
    const db = new Libsql(newer);
    db.exec('PRAGMA user_version = 2');
    db.close();
    expect(await errorOf(sqliteSessions({ file: newer }).open('chat'))).toMatchObject({
      code: 'session_version',
    });
  });
});

describe('a long session', () => {
  const answer = (seq: number, run: number, chars: number) => {
    const message = { role: 'assistant' as const, content: `${seq} ${'y'.repeat(chars)}` };
    const timing = { firstPartMs: 1, totalMs: 2 };
    const about = {
      runId: `r${run}`,
      step: 1,
      finishReason: 'stop',
      attempts: 1,
      timing,
      endedAtMs: 3,
    };
    const event = { type: 'answer', ...about, message };
    return JSON.stringify({ seq, v: 1, runId: `r${run}`, key: '1/answer', event });
  };
  const compacted = (seq: number, run: number) => {
    const about = { runId: `r${run}`, step: 2, messages: [{ role: 'user', content: 'In short.' }] };
    const event = { type: 'history.compacted', ...about, note: 'shorter' };
    return JSON.stringify({ seq, v: 1, runId: `r${run}`, key: '2/answer', event });
  };

  async function write(lines: number, chars: number): Promise<void> {
    await mkdir(dir, { recursive: true });
    const file = await open(path(), 'w');
    await file.write('{"throughline":"session","v":1,"id":"chat","createdAtMs":1}\n');
    for (let seq = 1; seq <= lines;) {
      const texts: string[] = [];
      for (const until = seq + 1_000; seq < until && seq <= lines; seq++) {
        const run = Math.floor(seq / 50);
        texts.push(seq % 50 === 49 ? compacted(seq, run) : answer(seq, run, chars));
      }
      await file.write(`${texts.join('\n')}\n`);
    }
    await file.close();
  }

  const read = async (nodeArgs: readonly string[] = []) => {
    const { out, err } = await programs.start('reader', [dir], { nodeArgs }).ended;
    if (out === '') throw new Error(err);
    if (process.env['THROUGHLINE_SOAK'] === '1') console.log(out);
    return JSON.parse(out) as {
      reads: number;
      lastSeq: number;
      messages: number;
      rssBytes: number;
    };
  };

  it('of 10,000 events is loaded in a few reads', async () => {
    await write(10_000, 250);
    const { size } = await stat(path());
    const took = await read();
    expect(took.lastSeq).toBe(10_000);
    // One for each megabyte; the header, whether a crash left no line, and the end.
    expect(took.reads).toBeLessThanOrEqual(Math.ceil(size / 2 ** 20) + 3);
  });

  it('of 100 MB is loaded in 40 MB of heap', { timeout: 60_000 }, async () => {
    await write(20_000, 5_000);
    expect((await stat(path())).size).toBeGreaterThan(100e6);
    const took = await read(['--max-old-space-size=40']);
    expect(took.lastSeq).toBe(20_000);
    expect(took.reads).toBeLessThanOrEqual(Math.ceil((await stat(path())).size / 2 ** 20) + 30);
  });
});

it('leaves no file open and no lock behind', async () => {
  const before = execFileSync('ls', ['/proc/self/fd']).length;
  for (let times = 0; times < 20; times++) {
    const session = await fileSessions({ dir, sync: false }).open(`chat ${times}`);
    await session.log.append(0, [line(1)]);
    await session.close();
  }
  expect(execFileSync('ls', ['/proc/self/fd']).length).toBe(before);
  expect(await readdir(join(dir, '.locks'))).toEqual([]);
});
