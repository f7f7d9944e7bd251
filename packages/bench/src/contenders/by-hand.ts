import { about, apiKey, model, question } from '../contender.ts';
import type { Contender, Work } from '../contender.ts';

interface Call {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

interface Said {
  role: 'assistant';
  content: string;
  reasoning_content: string;
  tool_calls?: Call[];
}

interface Frame {
  choices: { delta?: Partial<Said> & { tool_calls?: (Call & { index: number })[] } }[];
}

/**
 * What one writes who uses no framework: `fetch`, `JSON.parse` and `push`. It believes everything it reads, retries
 * nothing and checks nothing; it keeps the reasoning, because the endpoint refuses the next request without it.
 */
export const contender: Contender = {
  prepare(work) {
    const tools = [
      {
        type: 'function',
        function: {
          name: about.name,
          description: about.description,
          parameters: {
            type: 'object',
            properties: { at: { type: 'string', description: about.at } },
            required: ['at'],
            additionalProperties: false,
          },
        },
      },
    ];
    return async () => {
      const messages: unknown[] = [{ role: 'user', content: question }];
      for (;;) {
        const message = await ask(work, { model, messages, tools, stream: true });
        messages.push(message);
        if (message.tool_calls === undefined) return message.content;
        const results = message.tool_calls.map(async (call) => {
          const { at } = JSON.parse(call.function.arguments) as { at: string };
          return { role: 'tool', tool_call_id: call.id, content: await work.look(at) };
        });
        messages.push(...(await Promise.all(results)));
      }
    };
  },
};

async function ask({ baseURL, onDelta }: Work, body: unknown): Promise<Said> {
  const response = await fetch(`${baseURL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify(body),
  });
  if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
  const message: Said = { role: 'assistant', content: '', reasoning_content: '' };
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of response.body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: ') || line === 'data: [DONE]') continue;
      const frame = JSON.parse(line.slice(6)) as Frame;
      const delta = frame.choices[0]?.delta;
      if (delta === undefined) continue;
      if (delta.content) {
        message.content += delta.content;
        onDelta?.(delta.content);
      }
      if (delta.reasoning_content) {
        message.reasoning_content += delta.reasoning_content;
        onDelta?.(delta.reasoning_content);
      }
      for (const { index, ...call } of delta.tool_calls ?? []) {
        message.tool_calls ??= [];
        const known = message.tool_calls[index];
        if (known === undefined) message.tool_calls[index] = call;
        else known.function.arguments += call.function.arguments;
      }
    }
  }
  return message;
}
