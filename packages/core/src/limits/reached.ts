import type { LimitReading } from '../base/event.ts';
import type { AtLimit, Limit, Spent } from './limit.ts';

/** A limit that is reached, and what is to happen. */
export interface Reached {
  readonly reading: LimitReading;
  readonly atLimit: AtLimit;
}

/** The first of the limits that is reached. */
export function reachedLimit(limits: readonly Limit[], spent: Spent): Reached | undefined {
  for (const one of limits) {
    const reading = one.read(spent);
    if (reading !== undefined && reading.used >= reading.max) {
      return { reading, atLimit: one.atLimit };
    }
  }
  return undefined;
}

/** The limits of which four fifths are used. */
export function nearLimits(limits: readonly Limit[], spent: Spent): readonly LimitReading[] {
  return limits.flatMap((one) => {
    const reading = one.read(spent);
    return reading !== undefined && reading.used >= reading.max * 0.8 ? [reading] : [];
  });
}
