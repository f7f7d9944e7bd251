import { Agent, limit, tool } from '@throughline/core';
import type { Model } from '@throughline/core';
import * as z from 'zod';

const getWeather = tool({
  name: 'get_weather',
  description: 'The weather in a city, now.',
  inputSchema: z.object({ city: z.string() }),
  effect: 'read',
  execute: ({ city }) => `Sunny in ${city}, 21 °C.`,
});

/** The agent under test. It is given its model, so that a test can give it another one. */
export function weatherAgent(model: Model): Agent {
  return new Agent({ model, tools: [getWeather], limits: [limit.steps(5)] });
}
