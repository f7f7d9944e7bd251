import type { RecordedEvent, RunEvent } from './event.ts';

/** Every type of event, and whether it is one of those that rebuild everything. */
export const isKept: Readonly<Record<RunEvent['type'], boolean>> = {
  'run.start': true,
  message: true,
  answer: true,
  'call.start': true,
  'call.end': true,
  'call.pending': true,
  'call.decided': true,
  'history.compacted': true,
  'run.end': true,
  'step.start': false,
  'step.end': false,
  'step.retry': false,
  'text.delta': false,
  'reasoning.delta': false,
  'call.delta': false,
  'call.progress': false,
  'call.event': false,
  'call.error': false,
  'output.partial': false,
  'limit.near': false,
  warning: false,
};

/** Whether an event is recorded. */
export function isRecorded(event: RunEvent): event is RecordedEvent {
  return isKept[event.type];
}
