// Tools that were written for other frameworks, as tools of ours.
import { tool as langChainTool } from '@langchain/core/tools';
import { tool } from '@throughline/core';
import { tool as aiSdkTool } from 'ai';
import * as z from 'zod';

const city = z.object({ city: z.string() });

/** A tool of the AI SDK 6. */
const weather = aiSdkTool({
  description: 'The weather in a city.',
  inputSchema: city,
  execute: ({ city }, { abortSignal }) => {
    abortSignal?.throwIfAborted();
    return `sunny in ${city}`;
  },
});

/** A tool of LangChain. */
const area = langChainTool(({ city }) => `41 km² in ${city}`, {
  name: 'area',
  description: 'The area of a city.',
  schema: city,
});

export const adapted = [
  // #region ai-sdk
  tool({
    name: 'weather',
    description: weather.description ?? 'The weather.',
    inputSchema: weather.inputSchema as typeof city,
    execute: (input, { signal, callId }) =>
      weather.execute?.(input, { abortSignal: signal, toolCallId: callId, messages: [] }),
  }),
  // #endregion
  // #region langchain
  tool({
    name: area.name,
    description: area.description,
    inputSchema: area.schema,
    execute: (input, { signal }) => area.invoke(input, { signal }),
  }),
  // #endregion
];
