import { parseObject } from '../wire/json.ts';
import type { Batch } from './batch.ts';
import type { Calls } from './calls.ts';
import { LeakScanner } from './leak-scanner.ts';
import type { LeakedCall } from './leak-scanner.ts';
import { incomplete } from './odd-ending.ts';

export { LeakScanner };

/** What decides whether a leaked call is believed. */
export interface RecoverScope {
  readonly toolNames: readonly string[];
  readonly callsAllowed: boolean;
  /** The answer was cut at its token limit, so its last call may be half written: core will not run it. */
  readonly cut: boolean;
}

/**
 * Makes calls of what leaked. Only for tools that were sent; one that the host also told properly counts once.
 * Says of each whether it was recovered or left out. Throws `incomplete_answer` when one broke off before its end.
 */
export function recoverCalls(
  leaked: readonly LeakedCall[],
  scope: RecoverScope,
  to: { readonly calls: Calls; readonly batch: Batch },
): void {
  const told = to.calls.all.map((call) => fingerprint(call.name, call.args));
  let whole = true;
  for (const leak of leaked) {
    const name = toolOf(leak.id, scope.toolNames);
    if (name === undefined || !scope.callsAllowed) {
      const why = name === undefined ? 'no such tool was sent' : 'no calls were allowed';
      to.batch.warn(`A call "${leak.id}" written into the answer's text was left out: ${why}.`);
    } else if (told.includes(fingerprint(name, leak.args))) {
      to.batch.warn(`A call to "${name}" stood in the answer twice, once as text; it counts once.`);
    } else if (isWhole(leak) || scope.cut) {
      to.calls.addWhole(leak.id, name, leak.args);
      to.batch.warn(`A call to "${name}" was recovered from the answer's text.`);
    } else whole = false;
  }
  if (!whole) throw incomplete('The answer broke off in the middle of a call');
}

/** The whole calls in reasoning. It is only searched, never changed. */
export function callsInReasoning(
  reasoning: string,
  toolNames: readonly string[],
): readonly LeakedCall[] {
  if (!reasoning.includes('<|tool_call')) return [];
  const scanner = new LeakScanner({ text: ignore, reasoning: ignore }, toolNames);
  // A `<think>` at its start is part of the reasoning, not the beginning of it.
  scanner.push(reasoning.replace(/^\s*<think>/, ''));
  scanner.end();
  return scanner.calls.filter((call) => isWhole(call) && toolOf(call.id, toolNames) !== undefined);
}

/** `functions.get_weather:0`, `get_weather:0` or `get_weather`, if it is a tool that was sent. */
function toolOf(id: string, toolNames: readonly string[]): string | undefined {
  const bare = id.replace(/^functions\./, '').replace(/:\d+$/, '');
  return toolNames.includes(bare) ? bare : undefined;
}

/** A closed call is whole even if its arguments are broken: then the model is told so, as with any call. */
function isWhole({ closed, args }: LeakedCall): boolean {
  return closed || parseObject(args) !== undefined;
}

function fingerprint(name: string, args: string): string {
  const parsed = parseObject(args);
  return `${name} ${parsed === undefined ? args : JSON.stringify(parsed)}`;
}

function ignore(): void {}
