import type { Course } from './course.ts';
import { ThroughlineError, wordsOf } from './error.ts';
import type { RecordedEvent, RunEnd, StopReason } from './event.ts';
import { reachedLimit } from './limit-reading.ts';
import type { Reached } from './limit-reading.ts';
import { addUsage, noUsage } from './usage.ts';

/** The end of a run, as its course stands now. */
export function runEnd(course: Course, stopReason: StopReason, text: string): RunEnd {
  const { steps, usage } = course.spent(course.startedAtMs);
  return { type: 'run.end', runId: course.runId, stopReason, text, steps, usage };
}

/** The end at a limit. Throws `limit_reached` where that is wanted. */
export function stop(course: Course, { reading, atLimit }: Reached): RunEnd {
  if (atLimit !== 'throw') return { ...runEnd(course, 'limit', ''), limit: reading };
  const { name, used, max } = reading;
  throw new ThroughlineError('limit_reached', `The limit "${name}" is reached: ${used} of ${max}.`);
}

/** The limit by which the time is up. */
export function lateReading(course: Course, nowMs: number): Reached {
  // A timer may fire a moment before the clock agrees.
  const lateMs = Math.max(nowMs, course.endsAtMs ?? nowMs);
  const used = lateMs - course.startedAtMs;
  const reading = { name: 'milliseconds', used, max: used };
  const reached = reachedLimit(course.plan.limits, course.spent(lateMs));
  return reached ?? { reading, atLimit: 'answer' };
}

/** The end of a run whose time is up and that asks nothing more. */
export function lateEnd(course: Course, nowMs: number): RunEnd {
  return stop(course, lateReading(course, nowMs));
}

/** The end of a run that threw, after what it has recorded. */
export function failedEnd(
  error: unknown,
  recorded: readonly RecordedEvent[],
  { runId, aborted }: { readonly runId: string; readonly aborted: boolean },
): RunEnd {
  let usage = noUsage;
  for (const event of recorded) if ('usage' in event) usage = addUsage(usage, event.usage);
  return {
    type: 'run.end',
    runId,
    stopReason: aborted ? 'aborted' : 'failed',
    text: '',
    steps: recorded.filter(({ type }) => type === 'answer').length,
    usage,
    error: {
      code: error instanceof ThroughlineError ? error.code : 'error',
      message: wordsOf(error),
    },
  };
}
