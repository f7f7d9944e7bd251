import { ThroughlineError } from '../base/error.ts';
import type { RunEnd, StopReason } from '../base/event.ts';
import { reachedLimit } from '../limits/reached.ts';
import type { Reached } from '../limits/reached.ts';
import type { RunState } from './run-state.ts';

/** The end of a run, as its course stands now. */
export function runEnd(state: RunState, stopReason: StopReason, text: string): RunEnd {
  const { steps, usage } = state.spent(0);
  return { type: 'run.end', runId: state.runId, stopReason, text, steps, usage };
}

/** The end at a limit. Throws `limit_reached` where that is wanted. */
export function stop(state: RunState, { reading, atLimit }: Reached): RunEnd {
  if (atLimit !== 'throw') return { ...runEnd(state, 'limit', ''), limit: reading };
  const { name, used, max } = reading;
  throw new ThroughlineError('limit_reached', `The limit "${name}" is reached: ${used} of ${max}.`);
}

/** The limit by which the time is up. */
export function lateReading(state: RunState, elapsedMs: number): Reached {
  // A timer may fire a moment before the clock agrees.
  const used = Math.max(elapsedMs, state.deadline.withinMs ?? 0);
  const reading = { name: 'milliseconds', used, max: used };
  const reached = reachedLimit(state.config.limits, state.spent(used));
  return reached ?? { reading, atLimit: 'answer' };
}

/** The end of a run whose time is up and that asks nothing more. */
export function lateEnd(state: RunState, elapsedMs: number): RunEnd {
  return stop(state, lateReading(state, elapsedMs));
}
