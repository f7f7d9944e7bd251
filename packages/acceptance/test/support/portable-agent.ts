import { anyfast } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';

/** What an agent with one tool comes to, on whatever platform this is bundled for. */
export async function runAgent(baseURL: string, apiKey: string): Promise<unknown> {
  const cities: string[] = [];
  const weather = tool({
    name: 'weather',
    description: 'The weather of a city.',
    inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    effect: 'read',
    maxParallelCalls: 1,
    execute: (input: unknown) => {
      cities.push(JSON.stringify(input));
      return 'sunny';
    },
  });
  const model = anyfast('kimi-k2.6', { baseURL, apiKey });
  const { text, stopReason } = await new Agent({ model, tools: [weather] }).run('Weather?');
  const wrong = anyfast('kimi-k2.6', { baseURL, apiKey: 'sk-wrong-key-0123456789' });
  const refused = await new Agent({ model: wrong }).run('Hi').catch((error: unknown) => error);
  return { text, stopReason, cities, refused: String(refused) };
}
