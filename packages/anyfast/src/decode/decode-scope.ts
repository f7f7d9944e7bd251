import type { Prices } from '../options/pricing.ts';
import type { CallScope } from './calls.ts';

/** What the decoder must know of the request to understand its answer. */
export interface DecodeScope extends CallScope {
  /** Under `tool_choice: "none"` the model was told to make no calls, so leaked ones are not believed. */
  readonly callsAllowed: boolean;
  /** Which calls written in the answer's text may run: none is taken, those of a `read`, all. */
  readonly leakedCalls: 'none' | 'read' | 'all';
  /** Whether the model was asked to think. */
  readonly thinks: boolean;
  readonly prices: Prices | undefined;
  /** Takes the key out of what the endpoint says. */
  redact(text: string): string;
}
