import { answerProbes } from './answer-probes.ts';
import { callProbes } from './call-probes.ts';
import { dearProbes } from './dear-probes.ts';
import { freeProbes } from './free-probes.ts';
import type { Probe } from './probe.ts';
import { schemaProbe } from './schema-probe.ts';

/** The probes in three tiers by what they cost, in the order in which they are asked. */
export const tiers = {
  /** They ask no model. */
  free: freeProbes,
  cheap: [...answerProbes, ...callProbes, schemaProbe],
  /** They cost cents, and are asked only where a person wants them. */
  dear: dearProbes,
} as const;

export type Tier = keyof typeof tiers;

/** What a person reads before anything is sent: how many probes of each tier, and what they cost at list price. */
export function priceWords(asked: readonly Tier[]): string {
  const words = (tier: Tier) => `${tiers[tier].length} ${tier} probes${costWords(tier)}`;
  const sum = asked.reduce((all, tier) => all + usdOf(tiers[tier]), 0);
  const total = sum === 0 ? 'nothing' : `about ${sum.toFixed(3)} US dollars at list price`;
  const more = asked.includes('dear') ? '' : ` --dear adds ${words('dear')}.`;
  return `${asked.map(words).join(', ')}: ${total} in all.${more}`;
}

function costWords(tier: Tier): string {
  const usd = usdOf(tiers[tier]);
  return usd === 0 ? '' : ` (about ${usd.toFixed(3)} US dollars)`;
}

function usdOf(probes: readonly Probe[]): number {
  return probes.reduce((sum, { usd }) => sum + usd, 0);
}
