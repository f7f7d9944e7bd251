import type { RunEvent } from '@throughline/core';
import { expect, test } from 'vitest';
import { StepSoFar } from '../src/step-so-far.ts';

const place = { runId: 'r', step: 1 };
const call = { ...place, call: 1, callId: 'count:1', name: 'count' };

test('a page that joins late is told where the step stands, however much progress a tool has told', () => {
  const soFar = new StepSoFar();
  soFar.add({ type: 'step.start', ...place });
  soFar.add({ type: 'call.start', ...call, arguments: '{}', effect: 'read' });
  for (let at = 1; at <= 1_000; at++) soFar.add({ type: 'call.progress', ...call, progress: at });
  const told: readonly RunEvent[] = soFar.events;
  expect(told.map(({ type }) => type)).toEqual(['step.start', 'call.start', 'call.progress']);
  expect(told.at(-1)).toMatchObject({ progress: 1_000 });
});
