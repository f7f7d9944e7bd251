import { expect, test } from 'vitest';
import { LiveView } from './live-view.ts';
import type { Row } from '../src/shown.ts';

const end = (depth: number): Row => ({ kind: 'end', depth }) as Row;

test('what a step has told stays while an agent inside its call ends, and goes with the end of the run itself', () => {
  const view = new LiveView().with([
    { type: 'step.start', runId: 'r', step: 1 },
    { type: 'text.delta', runId: 'r', step: 1, delta: 'Half an answer' },
  ]);
  expect(view.withoutStored([end(1)]).text).toBe('Half an answer');
  expect(view.withoutStored([end(0)]).text).toBe('');
});
