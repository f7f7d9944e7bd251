import type { CallScope, Toolkit } from '@throughline/core';

/** Where a call stands. */
export interface Place {
  readonly run?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (piece: unknown) => void;
}

/** Calls a tool as the loop does: what the model sent is parsed by the schema first, what it yields is progress. */
export async function call(
  kit: Toolkit,
  name: string,
  input: unknown,
  { run = 'run-1', signal = new AbortController().signal, onProgress }: Place = {},
): Promise<string> {
  const found = kit.tools.find((tool) => tool.name === name);
  if (found === undefined) throw new Error(`There is no tool ${name}.`);
  const parsed = await found.inputSchema.parse(input);
  if (parsed.issues) throw new Error(`The input does not fit: ${JSON.stringify(parsed.issues)}`);
  const scope = { signal, idempotencyKey: `${run}/1/call/1` } as CallScope<never>;
  const output = found.execute(parsed.value, scope);
  if (!isGenerator(output)) return (await output) as string;
  for (;;) {
    const next = await output.next();
    if (next.done === true) return next.value as string;
    onProgress?.(next.value);
  }
}

function isGenerator(value: unknown): value is AsyncGenerator<unknown, unknown, void> {
  return Object.prototype.toString.call(value) === '[object AsyncGenerator]';
}
