import type { Message, Model, ModelPart, ModelRequest, ToolSpec, Usage } from '@throughline/core';
import { anyfast } from '../../src/index.ts';
import type { AnyfastOptions } from '../../src/index.ts';

/** An answer folded from its parts. */
export interface Folded {
  readonly reasoning: string;
  readonly key: string;
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly args: string }[];
  readonly usage: Usage | undefined;
  readonly finish: string | undefined;
  readonly warnings: readonly string[];
}

export const tools: readonly ToolSpec[] = ['get_weather', 'read', 'channel_reply'].map((name) => ({
  name,
  description: `The tool ${name}.`,
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
}));

export function request(overrides: Partial<ModelRequest> = {}): ModelRequest {
  const messages: readonly Message[] = [{ role: 'user', content: 'Weather in Paris?' }];
  return { messages, tools, toolChoice: 'auto', ...overrides };
}

/** A model at a test's server that does not wait long before it asks again. */
export function modelAt(baseURL: string, options: AnyfastOptions = {}): Model {
  const retry = { firstWaitMs: 5, ...options.retry };
  return anyfast('kimi-k2.6', { apiKey: 'sk-test-0123456789', baseURL, ...options, retry });
}

export async function ask(
  model: Model,
  asked: ModelRequest = request(),
  signal: AbortSignal = new AbortController().signal,
): Promise<Folded> {
  const batches: (readonly ModelPart[])[] = [];
  for await (const batch of model.stream(asked, signal)) batches.push(batch);
  return fold(batches.flat());
}

export function fold(parts: readonly ModelPart[]): Folded {
  const calls = new Map<number, { id: string; name: string; args: string }>();
  const folded = { reasoning: '', key: 'reasoning_content', text: '', warnings: [] as string[] };
  let usage: Usage | undefined;
  let finish: string | undefined;
  for (const part of parts) {
    if (part.type === 'reasoning') {
      folded.reasoning += part.delta;
      folded.key = part.key ?? folded.key;
    } else if (part.type === 'text') folded.text += part.delta;
    else if (part.type === 'usage') usage = part.usage;
    else if (part.type === 'finish') finish = part.reason;
    else if (part.type === 'warning') folded.warnings.push(part.message);
    else if (part.type === 'response') continue;
    else {
      const call = calls.get(part.index) ?? { id: '', name: '', args: '' };
      calls.set(part.index, call);
      call.id ||= part.id ?? '';
      call.name ||= part.name ?? '';
      call.args += part.delta;
    }
  }
  return {
    ...folded,
    usage,
    finish,
    calls: [...calls].sort(([a], [b]) => a - b).map(([, call]) => call),
  };
}

export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It was expected to fail.');
}
