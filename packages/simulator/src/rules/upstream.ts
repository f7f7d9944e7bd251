import { isObject, type JsonObject } from '../wire/json.ts';
import { checkFields } from './field.ts';
import { checkHistory } from './history.ts';
import { checkTools } from './tool.ts';

/**
 * This folder owns what is refused, and the error text of it, which is that of the gateway, of the model API or of the simulator itself. What is
 * let through and only noted is in `memory/lint.ts`.
 *
 * Checks a request by all of Moonshot's rules, in the order of the endpoint: fields, history,
 * tools. Returns the endpoint's words for the first breach.
 */
export function checkUpstream(
  body: JsonObject,
  options: { readonly emptyReasoning: 'reject' | 'accept'; readonly promptTokens: number },
): string | undefined {
  const reason = checkFields(body, options.promptTokens);
  if (reason) return reason;
  const thinking = isObject(body['thinking']) ? body['thinking'] : {};
  const breach = checkHistory(body['messages'], {
    thinking: thinking['type'] !== 'disabled',
    keepAll: thinking['keep'] === 'all',
    emptyReasoning: options.emptyReasoning,
  });
  return breach?.message ?? checkTools(body);
}
