import type { Calls } from './calls.ts';
import { LeakScanner } from './leak-scanner.ts';
import type { LeakedCall } from './leak-scanner.ts';
import { sameness } from './same-call.ts';
import { beginsUnopened } from './unopened-thought.ts';

export { beginsUnopened, LeakScanner };

/** What becomes of leaked calls. */
export interface RecoverScope {
  /** Under `tool_choice: "none"` the model was told to make no calls. */
  readonly callsAllowed: boolean;
  /** Whether the transport takes leaked calls of tools of any effect: else core is told that they leaked. */
  readonly areTrusted: boolean;
}

/**
 * Makes calls of those that the content ends with, and says so of each. Core tells the model of an unknown tool as of any
 * other. Where the host also made calls itself, these count, and the content is taken for a text about them unless
 * it says the very same. Returns whether the calls are taken out of the text.
 */
export function recoverCalls(
  leaked: readonly LeakedCall[],
  scope: RecoverScope,
  to: { readonly calls: Calls; warn(message: string): void },
): boolean {
  const proper = to.calls.all.map((call) => sameness(call.name, call.args));
  const areTwins = leaked.every(({ id, args }) => proper.includes(sameness(toolOf(id), args)));
  if (proper.length > 0 && !areTwins) {
    to.warn(
      "The answer's text holds what looks like a call. It stays text, because the answer makes calls of its own.",
    );
    return false;
  }
  for (const { id, args } of leaked) {
    const name = toolOf(id);
    if (proper.length > 0) {
      to.warn(`A call to "${name}" came twice, once of them in the answer's text. It counts once.`);
    } else if (scope.callsAllowed) {
      to.calls.addLeaked({ id, name, args, isTrusted: scope.areTrusted });
      to.warn(`A call to "${name}" was recovered from the answer's text.`);
    } else {
      const reason = 'no calls were allowed';
      to.warn(`A call "${id}" written into the answer's text was left out: ${reason}.`);
    }
  }
  return true;
}

/** The tool that `functions.get_weather:0`, `get_weather:0` or `get_weather` names. */
function toolOf(id: string): string {
  return id.replace(/^functions\./, '').replace(/:\d+$/, '');
}
