import { isObject, type JsonObject } from '../wire/json.ts';
import { checkFields } from './field.ts';
import { checkHistory } from './history.ts';
import { checkTools } from './tool.ts';

/**
 * This folder owns what is refused, and in whose words: the gateway's, the model API's or the simulator's own. What is
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
