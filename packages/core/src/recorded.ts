import type { RecordedEvent, RunEvent } from './event.ts';

const recordedTypes: ReadonlySet<string> = new Set<RecordedEvent['type']>([
  'run.start',
  'message',
  'answer',
  'call.start',
  'call.end',
  'call.pending',
  'call.decided',
  'history.compacted',
  'run.end',
]);

/** Whether an event is one of those that rebuild everything. */
export function isRecorded(event: RunEvent): event is RecordedEvent {
  return recordedTypes.has(event.type);
}
