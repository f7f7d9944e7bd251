import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Message, RecordedEvent, SessionLine } from '@throughline/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileSessions } from '../src/index.ts';
import { buildPrograms, linesOf } from './support/processes.ts';
import type { Programs } from './support/processes.ts';

const isSoak = process.env['THROUGHLINE_SOAK'] === '1';

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
}

async function newDir(): Promise<string> {
  return mkdtemp(join(home, `${++count}-`));
}

/** A conversation that a process carries on, to its end or to where the process is killed. */
interface Place {
  readonly dir: string;
  readonly killAt?: string;
}

/** Whether a new process has carried each of these to its end, one after the other. */
async function carried(...places: readonly Place[]): Promise<boolean> {
  const args = places.flatMap(({ dir, killAt = '' }) => [dir, killAt]);
  const { code, err } = await programs.start('worker', ['files', ...args]).ended;
  if (code !== 0 && code !== null) throw new Error(`the worker failed: ${err}`);
  return code === 0;
}

async function outcome(dir: string): Promise<Outcome> {
  const session = await fileSessions({ dir: join(dir, 'sessions') }).open('chat');
  const lines: SessionLine[] = [];
  for await (const batch of session.log.read()) lines.push(...batch);
  await session.close();
  const [messages = []] = linesOf<readonly Message[]>(join(dir, 'final.jsonl'));
  expect(messages).toEqual(session.messages);
  return { messages, requests: linesOf<Asked>(join(dir, 'requests.jsonl')), lines };
}

async function undisturbed(): Promise<Outcome> {
  const dir = await newDir();
  expect(await carried({ dir })).toBe(true);
  return outcome(dir);
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

/**
 * Takes the points that are left, one after the other. A new process carries on the conversation that was cut last; then it begins the next
 * one, in which it is killed itself. So each conversation is cut in one process and ends in another, with half as many processes as if each
 * had two of its own.
 */
async function inTurn(left: string[], expected: Outcome): Promise<readonly string[]> {
  const unreached: string[] = [];
  let cut: readonly Place[] = [];
  for (let killAt = left.shift(); killAt !== undefined; killAt = left.shift()) {
    const dir = await newDir();
    const isOver = await carried(...cut, { dir, killAt });
    await checkAll(cut);
    cut = isOver ? [] : [{ dir }];
    if (isOver) unreached.push(killAt);
  }
  expect(await carried(...cut)).toBe(true);
  await checkAll(cut);
  return unreached;

  async function checkAll(places: readonly Place[]): Promise<void> {
    for (const { dir } of places) check(dir, await outcome(dir), expected);
  }
}

describe('a process that is killed', () => {
  it(
    'before, while and after each line is stored, and around each act, leaves a session that ends as if nothing had been',
    { timeout: 300_000 },
    async () => {
      const expected = await undisturbed();
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
      expect(points.length).toBeGreaterThan(30);
      const unreached = await Promise.all([inTurn(points, expected), inTurn(points, expected)]);
      expect(unreached.flat()).toEqual([]);
    },
  );
});
