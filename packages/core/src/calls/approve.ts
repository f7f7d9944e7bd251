import { shown } from '../base/check-options.ts';
import { checkDecision, invalidDecision } from '../base/decision.ts';
import type { Decision } from '../base/decision.ts';
import type { Approval, ApprovalScope, CallToApprove, Tool } from '../tool/tool.ts';

/**
 * The host's say on every call of a run, also on those of agents inside its calls. `undefined` leaves it to the tool. `true`
 * also settles what the tool would ask a person; a tool's own refusal stands.
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
 * What tool and host say of a valid call: a decision, or `'ask'`. Rejects with `invalid_decision` for a value that means neither
 * yes nor no.
 */
export async function askApproval(
  tool: Tool,
  input: unknown,
  scope: ApprovalScope<never>,
  host: ApproveCall<never> | undefined,
): Promise<Decision | 'ask'> {
  const { name, effect } = tool;
  const byDefault = effect === 'destructive' ? 'ask' : approved;
  const byTool =
    tool.approve === undefined
      ? byDefault
      : toDecision(`The approve function of tool "${name}"`, await tool.approve(input, scope));
  if (byTool !== 'ask' && byTool.approve === undefined) return byTool;
  const byHost = await host?.({ name, effect, input, callId: scope.callId }, scope);
  return byHost === undefined ? byTool : toDecision(byTheHost(name), byHost);
}

/** The run's own function is asked first; what it leaves, the agent's decides. */
export function approveInTurn<Context>(
  ofRun: ApproveCall<Context> | undefined,
  ofAgent: ApproveCall<Context> | undefined,
): ApproveCall<Context> | undefined {
  if (ofRun === undefined || ofAgent === undefined) return ofRun ?? ofAgent;
  return async (call, scope) => (await ofRun(call, scope)) ?? ofAgent(call, scope);
}

/**
 * The host of an outer run has its say on the calls of the agents inside, before theirs. A refusal of either stands; else the
 * outer host's word, where it has one.
 */
export function approveWithin(
  outer: ApproveCall<never> | undefined,
  inner: ApproveCall<never> | undefined,
): ApproveCall<never> | undefined {
  if (outer === undefined || inner === undefined) return outer ?? inner;
  return async (call, scope) => {
    const first = await outer(call, scope);
    if (first !== undefined && isRefusal(toDecision(byTheHost(call.name), first))) return first;
    const second = await inner(call, scope);
    if (second !== undefined && isRefusal(toDecision(byTheHost(call.name), second))) return second;
    return first ?? second;
  };
}

const byTheHost = (name: string) => `The host's approve function, asked about "${name}",`;
const approved: Decision = { approve: true };

function isRefusal(decision: Decision | 'ask'): boolean {
  return decision !== 'ask' && decision.refuse !== undefined;
}

function toDecision(who: string, said: Approval): Decision | 'ask' {
  if (said === 'ask') return said;
  if (said === true) return approved;
  if (said === false) return { refuse: '' };
  if (typeof said === 'object' && said !== null) return checkDecision(who, said);
  throw invalidDecision(
    `${who} returned ${shown(said)}. It returns true, false, 'ask', or { refuse: 'why' }.`,
  );
}
