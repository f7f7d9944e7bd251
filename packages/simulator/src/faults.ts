import type { Fault, FaultKind } from './fault.ts';
import { argumentFaults } from './fault-arguments.ts';
import { bodyFaults } from './fault-body.ts';
import { callFaults } from './fault-call.ts';
import { deltaFaults } from './fault-delta.ts';
import { finishFaults } from './fault-finish.ts';
import { gatewayFaults } from './fault-gateway.ts';
import { leakFaults, leakWithoutTools } from './fault-leak.ts';
import { reasoningFaults } from './fault-reasoning.ts';
import { socketFaults } from './fault-socket.ts';
import { streamFaults } from './fault-stream.ts';
import { upstreamFaults } from './fault-upstream.ts';
import { usageFaults } from './fault-usage.ts';

const every = [
  ...leakFaults,
  leakWithoutTools,
  ...reasoningFaults,
  ...argumentFaults,
  ...callFaults,
  ...finishFaults,
  ...deltaFaults,
  ...usageFaults,
  ...streamFaults,
  ...socketFaults,
  ...upstreamFaults,
  ...gatewayFaults,
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
  /** The row of the contract it stands for, e.g. `4.2 #1`. */
  readonly row: string;
  readonly about: string;
}[] = every.map(({ name, kind, row, about }) => ({ name, kind, row, about }));
