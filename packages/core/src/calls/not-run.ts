import type { Decision } from '../base/decision.ts';
import { refusedCall } from './refused-call.ts';
import type { Invoked } from './run-tool.ts';
import { tellResult } from './tool-result.ts';

const maxResultChars = 50_000;

/** What becomes of a call that a decision keeps from running: it is refused, or has the result that a person gave. */
export function notRun(decision: Exclude<Decision, { approve: true }>): Invoked {
  if (decision.refuse !== undefined) {
    return { outcome: 'refused', content: refusedCall(decision.refuse) };
  }
  const { result } = decision;
  const told = tellResult({ toModel: undefined, maxResultChars }, result);
  if ('reason' in told) {
    const content = `A person gave a result that cannot be shown: ${told.reason}.`;
    return { outcome: 'failed', content };
  }
  return { outcome: 'ok', ...told, ...(typeof result === 'string' ? {} : { output: result }) };
}
