import { anyfast } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';
import type { Message } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import type { ScriptedAnswer } from '@throughline/simulator';
import * as z from 'zod';
import { describe, expect, it } from 'vitest';

const awkward = [
  'emoji 🧵👩‍🚀, CR LF \r\n, U+2028 \u2028 and U+2029 \u2029, a lone backslash \\, "quotes", a tab \t, NUL-free \u0001',
  'x'.repeat(100 * 1024),
  'leading and trailing white space \n ',
];

const rawArguments = '{ "text":"\\u00e9 \\/ 🧵",\t"n" : 1e0 }';

const note = tool({
  name: 'note',
  description: 'Notes a text.',
  inputSchema: z.object({ text: z.string(), n: z.number() }),
  execute: ({ text }) => `noted ${text}`,
});

/** Each step thinks something awkward and makes two calls, the second in its own spelling. */
const script: readonly ScriptedAnswer[] = [
  ...awkward.map((reasoning) => ({
    reasoning,
    calls: [
      { name: 'note', arguments: { text: 'a', n: 1 } },
      { name: 'note', arguments: rawArguments },
    ],
  })),
  { reasoning: 'That is all.', text: 'Done.' },
];

describe.each([
  { stream: true, cutBytes: undefined },
  { stream: true, cutBytes: 1 },
  { stream: true, cutBytes: 7 },
  { stream: true, cutBytes: 1000 },
  { stream: false, cutBytes: undefined },
])('reasoning over HTTP, stream $stream, cut at $cutBytes bytes', ({ stream, cutBytes }) => {
  it('goes back in every later request exactly as it came, and so do the arguments', async () => {
    const long =
      cutBytes === 1 ? script.filter(({ reasoning = '' }) => reasoning.length < 1000) : script;
    const simulator = await startSimulator({ script: long, cutBytes });
    try {
      const model = anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key, stream });
      const result = await new Agent({ model, tools: [note] }).run('Take notes.');
      expect(result.text).toBe('Done.');
      const thoughts = long.map(({ reasoning }) => reasoning);
      expect(result.messages.flatMap(reasoningIn)).toEqual(thoughts);
      for (const [step, { body }] of simulator.requests.entries()) {
        const { messages } = body as { readonly messages: readonly Message[] };
        expect(messages.flatMap(reasoningIn)).toEqual(thoughts.slice(0, step));
        for (const made of messages.flatMap(callsIn)) {
          expect(made).toEqual(['{"text":"a","n":1}', rawArguments]);
        }
      }
      expect(simulator.lints).toEqual([]);
    } finally {
      await simulator.close();
    }
  });
});

function reasoningIn(message: Message): readonly (string | undefined)[] {
  return message.role === 'assistant' ? [message.reasoning_content] : [];
}

function callsIn(message: Message): readonly (readonly string[])[] {
  if (message.role !== 'assistant' || message.tool_calls === undefined) return [];
  return [message.tool_calls.map((call) => call.function.arguments)];
}
