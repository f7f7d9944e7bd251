import type { Recorder } from '../record/recorder.ts';

/** So many milliseconds of the run's time are left; undefined where it has no end. */
export async function timeLeft({
  endsAtMs,
  recorder,
}: {
  readonly endsAtMs?: number | undefined;
  readonly recorder: Recorder;
}): Promise<number | undefined> {
  if (endsAtMs === undefined) return undefined;
  // A timer may fire a moment before the clock agrees; the run's own time must then be up as well.
  return Math.max(0, endsAtMs - (await recorder.now())) + 2;
}
