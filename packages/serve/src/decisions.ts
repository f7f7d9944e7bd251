import type { CallDecision, CallPending, Decision } from '@throughline/core';
import { badRequest, isFields } from './request-body.ts';
import type { ServedRuns } from './served-runs.ts';

/** What a client says of one call: the `id` of its `call.pending`, and a decision that is not checked yet. */
export interface Said {
  readonly id: string;
  readonly decision: Decision;
}

/**
 * The decisions on calls that wait, as core takes them. A result is taken only for tools of which the host says so. A decision on a call
 * that does not wait is left to core, which throws `not_pending`.
 */
export function decisionsOn(
  pending: readonly CallPending[],
  said: readonly Said[],
  runs: Pick<ServedRuns<never>, 'checkResult'>,
): readonly CallDecision[] {
  return said.map(({ id, decision }) => {
    const call = pending.find((one) => one.id === id);
    if (call !== undefined && decision.result !== undefined) runs.checkResult(call.name);
    return { id, ...decision };
  });
}

/** Decisions in our own shape: `[{ id, approve: true }]`. */
export function saidIn(value: unknown): readonly Said[] {
  if (!Array.isArray(value)) throw badRequest('decisions must be a list.');
  return value.map((one: unknown) => {
    if (!isFields(one) || typeof one['id'] !== 'string') {
      throw badRequest('A decision needs the id of the call.pending that it decides, as a text.');
    }
    const { id, ...decision } = one;
    return { id: id as string, decision: decision as unknown as Decision }; // core checks its shape
  });
}
