import type { Capabilities } from '@throughline/anyfast';
import type { Probe, Verdict } from './probe.ts';

/** What one probe found out. */
export interface Finding extends Verdict {
  readonly name: string;
  readonly need: Probe['need'];
  readonly about: string;
  readonly docs: string;
}

/** What the doctor says of an endpoint: for people, and what the transport reads of it. It holds no key. */
export interface Report extends Capabilities {
  readonly isScripted: boolean;
  /** An ISO date and time. */
  readonly checkedAt: string;
  /** US dollars at list price, of the tokens that the endpoint has counted; absent where no price of the model is known. */
  readonly usd?: number;
  readonly findings: readonly Finding[];
}

/** What must work, and does not. */
export function failuresIn({ findings }: Report): readonly Finding[] {
  return findings.filter(({ need, outcome }) => need === 'must' && outcome === 'bad');
}

/** Whether the endpoint was there at all. */
export function wasReached({ findings }: Report): boolean {
  return findings.some(({ name, outcome }) => name === 'reach' && outcome !== 'bad');
}
