import type { RunEvent } from '@throughline/core';
import { expect, test } from 'vitest';
import { RunReader } from '../src/run-reader.ts';

const start = (runId: string): RunEvent => ({
  type: 'run.start',
  runId,
  agent: 'a',
  model: 'm',
  startedAtMs: 0,
});

test('a reader names only the line up to which it has everything, whatever the order in which lines are told', async () => {
  const seqs = new Map<RunEvent, number>();
  const reader = new RunReader({ hasSeq: 4, seqOf: (event) => seqs.get(event), leave: () => {} });
  for (const seq of [6, 7, 5, 9, 8]) {
    const event = start(`line ${seq}`);
    seqs.set(event, seq);
    reader.tell(event);
  }
  reader.end();
  const told: (readonly [string, number | undefined])[] = [];
  for (let one = await reader.next(); one !== undefined; one = await reader.next()) {
    told.push([one.event.runId, one.id]);
  }
  expect(told).toEqual([
    ['line 6', undefined],
    ['line 7', undefined],
    ['line 5', 7],
    ['line 9', undefined],
    ['line 8', 9],
  ]);
});
