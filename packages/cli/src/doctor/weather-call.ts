import type { EndpointUse } from '@throughline/anyfast';
import { objectIn } from './endpoint-client.ts';
import { fieldsOf } from './request-fields.ts';
import type { WireAnswer } from './wire-answer.ts';

/** The tool that the probes offer. Nobody runs it. */
export const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather in a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
};

/** What asks for one call of it. */
export const weatherQuestion = 'Call get_weather for Paris, then tell me what it says.';

/** A request that asks for one call. */
export function calling(use: EndpointUse): object {
  return {
    messages: [{ role: 'user', content: weatherQuestion }],
    ...fieldsOf(use, { thinks: true, streams: true }),
    tools: [weather],
    max_completion_tokens: 800,
  };
}

/** Whether the answer is one call as it should be: named right, with its city and its reason to stop. */
export function isWholeCall({ calls, finish }: WireAnswer): boolean {
  const [call] = calls;
  if (call?.name !== 'get_weather' || finish !== 'tool_calls') return false;
  return typeof objectIn(call.arguments)?.['city'] === 'string';
}
