import type { Decision } from '../base/decision.ts';
import type { CallPending } from '../base/event.ts';

/** How long a run waits for a person. */
export interface Patience {
  /** Aborted when the run is. */
  readonly signal: AbortSignal;
  /** How many milliseconds of the run's time are left; undefined where it has no end. */
  leftMs(): undefined | Promise<number | undefined>;
}

/** Asks a person. Rejects with a `Suspension` where the host cannot ask one now, and once `patience` is at its end. */
export type AskPerson = (pending: CallPending, patience?: Patience) => Promise<Decision>;

/** Asks the `decide` functions of the host. */
export type AskHost = () => Promise<Decision>;
