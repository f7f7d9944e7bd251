import type { Effect } from './event.ts';
import type { Approval, ApprovalScope, Tool } from './tool.ts';

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

/** What tool and host say of a valid call. An approver that throws, or says neither `true` nor words, refuses. */
export async function askApproval(
  tool: Tool,
  input: unknown,
  scope: ApprovalScope<never>,
  host: ApproveCall<never> | undefined,
): Promise<Approval> {
  const byTool =
    tool.approve === undefined ? defaultOf(tool.effect) : await tool.approve(input, scope);
  if (isRefusal(byTool)) return refusalWords(byTool);
  const { name, effect } = tool;
  const byHost = await host?.({ name, effect, input, callId: scope.callId }, scope);
  if (byHost === undefined) return byTool;
  return isRefusal(byHost) ? refusalWords(byHost) : byHost;
}

function defaultOf(effect: Effect): Approval {
  return effect === 'destructive' ? 'ask' : true;
}

function isRefusal(approval: Approval): boolean {
  return approval !== true && approval !== 'ask';
}

/** What the model reads of a refusal, whatever was given as one. */
export function refusalWords(approval: Approval): string {
  return typeof approval === 'string' && approval !== '' ? approval : 'This call was not approved.';
}
