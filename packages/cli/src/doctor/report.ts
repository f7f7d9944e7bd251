import type { Probe, Verdict } from './probe.ts';

/** What one probe found out. */
export interface Finding extends Verdict {
  readonly name: string;
  readonly need: Probe['need'];
  readonly about: string;
  readonly docs: string;
}

/** What the doctor says of an endpoint. It holds no key. */
export interface Report {
  readonly version: 1;
  readonly baseURL: string;
  readonly model: string;
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
