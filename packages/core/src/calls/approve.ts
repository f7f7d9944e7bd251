import type { Effect } from '../base/event.ts';
import type { Approval, ApprovalScope, Tool } from '../tool/tool.ts';

/** A call that the host is asked about. */
export interface CallToApprove {
  readonly name: string;
  readonly effect: Effect;
  readonly input: unknown;
  readonly callId: string;
}

/**
 * The host's say on every call, on the agent or the run. `undefined` leaves it to the tool. `true` also
 * settles what the tool would ask a person; a tool's own refusal stands.
 */
export type ApproveCall<Context = unknown> = (
  call: CallToApprove,
  scope: ApprovalScope<Context>,
) => Approval | undefined | Promise<Approval | undefined>;

/** Whether a call must be asked about before it runs. */
export function needsApproval(tool: Tool, host: ApproveCall<never> | undefined): boolean {
  return tool.effect === 'destructive' || tool.approve !== undefined || host !== undefined;
}

/**
 * What tool and host say of a valid call: `true`, `'ask'`, or the words of a refusal. Whatever is neither
 * `true` nor words refuses.
 */
export async function askApproval(
  tool: Tool,
  input: unknown,
  scope: ApprovalScope<never>,
  host: ApproveCall<never> | undefined,
): Promise<true | string> {
  const { name, effect } = tool;
  const byDefault = effect === 'destructive' ? 'ask' : true;
  const byTool = decided(tool.approve === undefined ? byDefault : await tool.approve(input, scope));
  if (byTool !== true && byTool !== 'ask') return byTool;
  const byHost = await host?.({ name, effect, input, callId: scope.callId }, scope);
  return byHost === undefined ? byTool : decided(byHost);
}

/** `true`, or words, whatever was given as a decision. */
export function decided(decision: Approval): true | string {
  if (decision === true) return true;
  return typeof decision === 'string' && decision !== '' ? decision : notApproved;
}

const notApproved = 'This call was not approved.';

/** What the model reads of a refusal. Words alone, such as "yes", could be taken for the call's result. */
export function refusal(words: string): string {
  return words === notApproved ? words : `This call was not approved: ${words}`;
}
