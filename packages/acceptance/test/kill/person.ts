import type { CallDecision, CallPending } from '@throughline/core';

/** A person, who looks whether a call that may have run has run, before saying that it may. */
export async function decisionOn(
  { id, runId, step, call }: CallPending,
  worldUrl: string,
): Promise<CallDecision> {
  const key = `${runId}/${step}/call/${call}`;
  const response = await fetch(`${worldUrl}?acted=${encodeURIComponent(key)}`);
  const ran = (await response.json()) as boolean;
  return ran ? { id, refuse: 'It has run already.' } : { id, approve: true };
}
