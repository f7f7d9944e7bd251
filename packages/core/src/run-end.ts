import type { Course } from './course.ts';
import type { RunEnd, StopReason } from './event.ts';

/** The end of a run, as its course stands now. */
export function runEnd(course: Course, stopReason: StopReason, text: string): RunEnd {
  const { steps, usage } = course.spent(course.startedAtMs);
  return { type: 'run.end', runId: course.runId, stopReason, text, steps, usage };
}
