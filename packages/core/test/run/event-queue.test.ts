import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/index.ts';
import { EventQueue } from '../../src/run/event-queue.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

const of = { runId: 'r', step: 1 };
// A million events are of these calls, so what is spread and joined for each would be the most of the work.
const callIds = Array.from({ length: 10 }, (_, n) => `c${n}`);
const call = (n: number) => ({
  runId: 'r',
  step: 1,
  call: n,
  callId: callIds[n] ?? '',
  name: 't',
});
const text = (delta: string): RunEvent => ({ type: 'text.delta', ...of, delta });
const inner = (n: number, delta: string): RunEvent => ({
  type: 'call.event',
  ...call(n),
  event: { type: 'text.delta', runId: `r/${n}`, step: 1, delta },
});
const piece = (n: number, delta: string): RunEvent => ({ type: 'call.delta', ...call(n), delta });
const progress = (n: number, at: number): RunEvent => ({
  type: 'call.progress',
  ...call(n),
  progress: at,
});
const retry: RunEvent = { type: 'step.retry', ...of, attempt: 1, reason: 'x' };

function drained(queue: EventQueue): RunEvent[] {
  const events: RunEvent[] = [];
  for (let event = queue.shift(); event !== undefined; event = queue.shift()) events.push(event);
  return events;
}

function filled(events: Iterable<RunEvent>): EventQueue {
  const queue = new EventQueue();
  for (const event of events) queue.keep(event);
  return queue;
}

describe('events that nobody has read yet', () => {
  it.each<[string, (at: number) => RunEvent, number]>([
    ['text', () => text('x'), 1],
    ['the pieces of ten calls in turns', (at) => piece(at % 10, 'x'), 10],
    ['the text of ten agents inside in turns', (at) => inner(at % 10, 'x'), 10],
    ['progress of three calls', (at) => progress(at % 3, at), 258],
  ])('are joined where nothing is lost: 300,000 pieces of %s', (what, make, most) => {
    const queue = new EventQueue();
    for (let at = 0; at < 300_000; at++) queue.keep(make(at));
    const events = drained(queue);
    expect(events.length).toBeLessThanOrEqual(most);
    const letters = events.map((event) => {
      const told = event.type === 'call.event' ? event.event : event;
      return 'delta' in told ? told.delta.length : 0;
    });
    if (!what.startsWith('progress')) expect(letters.reduce((a, b) => a + b)).toBe(300_000);
    else for (const n of [0, 1, 2]) expect(events).toContainEqual(progress(n, 299_997 + n));
  });

  it('are kept and taken in linear time, however many wait', () => {
    const cpuMs = cpuMsOf(() => {
      const queue = new EventQueue();
      for (let at = 0; at < 300_000; at++) {
        queue.keep({ type: 'warning', runId: 'r', message: `${at}` });
      }
      expect(drained(queue)).toHaveLength(300_000);
      for (let at = 0; at < 600_000; at++) queue.keep(at % 2 === 0 ? retry : progress(1, at));
      expect(drained(queue).length).toBeLessThan(300_400);
    });
    // What is quadratic takes a minute and more; the bound is for a machine that is slow.
    expect(cpuMs).toBeLessThan(15_000);
  });

  it('come out whole and in order, whenever somebody reads', () => {
    const event = fc.oneof(
      fc.string().map(text),
      fc.string().map((delta): RunEvent => ({ type: 'reasoning.delta', ...of, delta })),
      fc.tuple(fc.nat(2), fc.string()).map(([n, delta]) => piece(n, delta)),
      fc.tuple(fc.nat(2), fc.string()).map(([n, delta]) => inner(n, delta)),
      fc.constant(retry),
    );
    fc.assert(
      fc.property(fc.array(fc.array(event)), (parts) => {
        const queue = new EventQueue();
        const read = parts.flatMap((part) => {
          for (const one of part) queue.keep(one);
          const first = queue.shift();
          return first === undefined ? [] : [first];
        });
        expect(streams([...read, ...drained(queue)])).toEqual(streams(parts.flat()));
      }),
    );
  });

  it('are not joined over an event that stands for itself', () => {
    const events = [text('a'), retry, text('b'), text('c')];
    expect(drained(filled(events))).toEqual([text('a'), retry, text('bc')]);
  });
});

/** What each stream says between two events that stand for themselves. */
function streams(events: readonly RunEvent[]) {
  const said: Record<string, string>[] = [{}];
  for (const event of events) {
    const told = event.type === 'call.event' ? event.event : event;
    if (!('delta' in told)) said.push({});
    else {
      const key = `${told.runId} ${told.type} ${'call' in told ? told.call : ''}`;
      const now = said.at(-1) ?? {};
      now[key] = (now[key] ?? '') + told.delta;
    }
  }
  return said.map((one) => Object.fromEntries(Object.entries(one).filter(([, text]) => text)));
}
