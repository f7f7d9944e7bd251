import { argumentFaults } from './arguments.ts';
import { bodyFaults } from './body.ts';
import { callFaults } from './call.ts';
import { cutOrStallFaults } from './cut-or-stall.ts';
import { deltaFaults } from './delta.ts';
import type { Fault, FaultKind } from './fault.ts';
import { finishFaults } from './finish.ts';
import { frameFaults } from './frames.ts';
import { gatewayFaults } from './gateway.ts';
import { leakFaults, leakWithoutTools } from './leak.ts';
import { reasoningFaults } from './reasoning.ts';
import { sources } from './source.ts';
import { upstreamFaults } from './upstream.ts';
import { usageFaults } from './usage.ts';
import { wordFaults } from './words.ts';

const every = [
  ...leakFaults,
  leakWithoutTools,
  ...reasoningFaults,
  ...argumentFaults,
  ...callFaults,
  ...finishFaults,
  ...deltaFaults,
  ...usageFaults,
  ...frameFaults,
  ...cutOrStallFaults,
  ...upstreamFaults,
  ...gatewayFaults,
  ...wordFaults,
  ...bodyFaults,
] as const;

/** The name of a fault. */
export type FaultName = (typeof every)[number]['name'];

/** Every fault with what it does. */
export const allFaults: readonly Fault<FaultName>[] = every;

/** Every fault as data, grouped by what it touches: for a table in the documentation. */
export const faults: readonly {
  readonly name: FaultName;
  readonly kind: FaultKind;
  /** Where it is known from: a page, a file of a public repository, or a thread by its number. */
  readonly source: string;
  readonly about: string;
}[] = every.map(({ name, kind, source, about }) => ({
  name,
  kind,
  source: sources[source],
  about,
}));
