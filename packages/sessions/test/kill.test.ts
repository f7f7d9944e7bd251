import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Message, RecordedEvent, SessionLine } from '@throughline/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileSessions, sqliteSessions } from '../src/index.ts';
import { buildPrograms, linesOf } from './support/processes.ts';
import type { Programs } from './support/processes.ts';

const isSoak = process.env['THROUGHLINE_SOAK'] === '1';
const stores = ['files', 'sqlite'] as const;
type Store = (typeof stores)[number];

let programs: Programs;
let home: string;
let count = 0;
beforeAll(async () => {
  programs = await buildPrograms('worker');
  home = await mkdtemp(join(tmpdir(), 'throughline-kill-'));
});
afterAll(async () => {
  await programs.remove();
  await rm(home, { recursive: true, force: true });
});

interface Asked {
  readonly given: number;
  readonly messages: readonly Message[];
}

/** What a process did, and what was left in the end. */
interface Outcome {
  readonly messages: readonly Message[];
  readonly requests: readonly Asked[];
  readonly lines: readonly SessionLine[];
  readonly kills: number;
}

async function newDir(): Promise<string> {
  return mkdtemp(join(home, `${++count}-`));
}

async function once(
  dir: string,
  store: Store,
  {
    killAt = '',
    pace = 1,
    killAfterMs,
  }: { readonly killAt?: string; readonly pace?: number; readonly killAfterMs?: number } = {},
) {
  const started = programs.start('worker', [dir, store, killAt, String(pace)]);
  const timer =
    killAfterMs === undefined
      ? undefined
      : setTimeout(() => started.process.kill('SIGKILL'), killAfterMs);
  const { code, err } = await started.ended;
  clearTimeout(timer);
  if (code !== 0 && code !== null) throw new Error(`the worker failed: ${err}`);
  return code === 0;
}

async function outcome(dir: string, store: Store, kills: number): Promise<Outcome> {
  const sessions =
    store === 'files'
      ? fileSessions({ dir: join(dir, 'sessions') })
      : sqliteSessions({ file: join(dir, 'sessions.db') });
  const session = await sessions.open('chat');
  const lines: SessionLine[] = [];
  for await (const batch of session.log.read()) lines.push(...batch);
  await session.close();
  const [messages = []] = linesOf<readonly Message[]>(join(dir, 'final.jsonl'));
  expect(messages).toEqual(session.messages);
  return { messages, requests: linesOf<Asked>(join(dir, 'requests.jsonl')), lines, kills };
}

async function undisturbed(store: Store): Promise<Outcome> {
  const dir = await newDir();
  expect(await once(dir, store)).toBe(true);
  return outcome(dir, store, 0);
}

const unknown = /^The outcome of this call is unknown/;
const told = 'This call was not approved: It has run already.';

/** Messages as they were expected, where all that differs is what is said of a call that was cut. */
function asExpected(
  messages: readonly Message[],
  expected: readonly Message[],
): readonly Message[] {
  return messages.map((message, at) => {
    const other = expected[at];
    if (message.role !== 'tool' || other?.role !== 'tool') return message;
    const content = String(message.content);
    const cut = message.tool_call_id.startsWith('pay') ? unknown.test(content) : content === told;
    return cut ? { ...message, content: other.content } : message;
  });
}

function check(dir: string, found: Outcome, expected: Outcome): void {
  expect(asExpected(found.messages, expected.messages)).toEqual(expected.messages);
  // Every write at most once; what was not cut exactly once.
  const world = linesOf<{ idempotencyKey: string; name: string }>(join(dir, 'world.jsonl'));
  const keys = world.map(({ idempotencyKey }) => idempotencyKey);
  expect(new Set(keys).size).toBe(keys.length);
  const ends = found.lines.filter(({ event }) => event.type === 'call.end');
  for (const { event } of ends) {
    if (event.type !== 'call.end' || event.outcome !== 'ok' || event.name === 'look') continue;
    expect(keys).toContain(`${event.runId}/${event.step}/call/${event.call}`);
  }
  // The model was never asked anything but what it would have been asked.
  for (const { given, messages } of found.requests) {
    const wanted = expected.requests.find((request) => request.given === given);
    const same = asExpected(messages, wanted?.messages ?? []);
    expect(JSON.stringify(same)).toBe(JSON.stringify(wanted?.messages));
  }
  // All that anybody was told of is there, in the order it was told in.
  const stored = found.lines.map(({ event }) => event);
  for (const event of linesOf<RecordedEvent>(join(dir, 'acknowledged.jsonl'))) {
    if (!stored.some((one) => isDeepStrictEqual(one, event))) {
      expect.fail(`was told and is lost: ${JSON.stringify(event)}`);
    }
  }
}

/** Runs `work` for each, two at a time. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const next = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all([next(), next()]);
}

describe('a process that is killed', () => {
  it(
    'before, while and after each line is stored, and around each act, leaves a session that ends as if nothing had been',
    { timeout: 300_000 },
    async () => {
      const expected = await undisturbed('files');
      const lines = expected.lines.map(({ seq }) => seq);
      const calls = expected.lines.flatMap(({ event }) =>
        event.type === 'call.start' ? [event.callId] : [],
      );
      const points = [
        ...lines.map((seq) => `after ${seq}`),
        // Much the same as after the line before it.
        ...lines.filter((seq) => isSoak || seq % 5 === 1).map((seq) => `before ${seq}`),
        ...lines.filter((seq) => isSoak || seq % 5 === 0).map((seq) => `torn ${seq}`),
        ...calls.flatMap((id) => [`begun ${id}`, `acted ${id}`]),
      ];
      const unreached: string[] = [];
      await each(points, async (point) => {
        const dir = await newDir();
        if (await once(dir, 'files', { killAt: point })) unreached.push(point);
        else expect(await once(dir, 'files')).toBe(true);
        check(dir, await outcome(dir, 'files', 1), expected);
      });
      expect(unreached).toEqual([]);
      expect(points.length).toBeGreaterThan(30);
    },
  );

  it.each(stores)('at any moment, again and again: %s', { timeout: 3_600_000 }, async (store) => {
    const expected = await undisturbed(store);
    const kills = isSoak ? 200 : 10;
    const life = async () => {
      const dir = await newDir();
      let times = 0;
      const killAfterMs = () => 60 + Math.random() * 240;
      // Three deaths at most, or a slow machine would never come to the end.
      while (times < 3 && !(await once(dir, store, { pace: 6, killAfterMs: killAfterMs() })))
        times++;
      if (times === 3) expect(await once(dir, store)).toBe(true);
      check(dir, await outcome(dir, store, times), expected);
      return times;
    };
    for (let killed = 0; killed < kills;) {
      const [one, other] = await Promise.all([life(), life()]);
      killed += one + other;
    }
  });
});
