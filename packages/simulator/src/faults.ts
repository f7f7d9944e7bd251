import type { Fault, FaultKind } from './fault.ts';
import { gatewayFaults } from './fault-gateway.ts';
import { leakFaults, leakWithoutTools } from './fault-leak.ts';

const every = [...gatewayFaults, ...leakFaults, leakWithoutTools] as const;

/** The name of a fault. */
export type FaultName = (typeof every)[number]['name'];

/** Every fault with what it does. */
export const allFaults: readonly Fault<FaultName>[] = every;

/** Every fault as data, in the order of the contract: for a table in the documentation. */
export const faults: readonly {
  readonly name: FaultName;
  readonly kind: FaultKind;
  /** The row of the contract it stands for, e.g. `4.2 #1`. */
  readonly row: string;
  readonly about: string;
}[] = every.map(({ name, kind, row, about }) => ({ name, kind, row, about }));
