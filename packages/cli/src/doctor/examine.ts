import { costUsd, priceList } from '@throughline/anyfast';
import type { Endpoint } from './endpoint-client.ts';
import type { Learnt, Probe, Verdict } from './probe.ts';
import { joinedUse } from './request-fields.ts';
import type { Finding, Report } from './report.ts';

/**
 * Asks the probes, one after the other, and tells each finding as it comes. Throws the reason of an abort; all else that happens to a
 * request is a finding.
 */
export async function examine(
  endpoint: Endpoint,
  probes: readonly Probe[],
  tell: (finding: Finding) => void,
): Promise<Pick<Report, 'findings' | 'usd' | 'use'>> {
  const findings: Finding[] = [];
  const learnt: Learnt = { use: {} };
  for (const probe of probes) {
    const { name, need, about, docs } = probe;
    const found = await probe.run(endpoint, learnt).catch((error: unknown) => troubled(error));
    const finding = { name, need, about, docs, ...found };
    findings.push(finding);
    learnt.use = joinedUse(learnt.use, found.use);
    tell(finding);
    if (name === 'reach' && found.outcome === 'bad') break; // all others would say the same
  }
  const prices = priceList.models[endpoint.model];
  const usd = prices && costUsd(endpoint.spent, prices);
  return { use: learnt.use, ...(usd === undefined ? {} : { usd }), findings };
}

/** What a request that brought no answer at all says. An abort is none of the endpoint's. */
function troubled(error: unknown): Verdict {
  if (error instanceof Error && error.name === 'AbortError') throw error;
  const { name, cause } = error instanceof Error ? error : new Error(String(error));
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const reason =
    name === 'TimeoutError' ? 'no answer within two minutes' : (code ?? 'the connection failed');
  return { outcome: 'bad', says: `It does not answer: ${reason}.` };
}
