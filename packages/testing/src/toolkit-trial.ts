import assert from 'node:assert/strict';
import type { CallScope, Tool, Toolkit } from '@throughline/core';
import type { ToolCases, ToolInput, ToolkitCases } from './toolkit-cases.ts';

/** A toolkit that was made for one check. Its calls all belong to one run. */
export class ToolkitTrial {
  readonly toolkit: Toolkit<never>;
  /** So long anything may take that must be done at once. */
  readonly promptMs: number;
  readonly #context: unknown;
  #calls = 0;

  constructor(toolkit: Toolkit<never>, { context, promptMs = 5_000 }: ToolkitCases) {
    this.toolkit = toolkit;
    this.promptMs = promptMs;
    this.#context = context;
  }

  tool(name: string): Tool<never> {
    const found = this.toolkit.tools.find((tool) => tool.name === name);
    assert.ok(found, `The toolkit has no tool ${name}.`);
    return found;
  }

  /** The arguments of a case; making them may call other tools. */
  async input(input: ToolInput): Promise<Readonly<Record<string, unknown>>> {
    if (typeof input !== 'function') return input;
    return input((name, input) => this.call(name, input));
  }

  /** Runs a tool as the loop does, and gives what the model would read, uncut. Rejects with what the tool throws. */
  async call(
    name: string,
    input: Readonly<Record<string, unknown>>,
    { signal = new AbortController().signal, onProgress = () => {} }: CallOptions = {},
  ): Promise<string> {
    const tool = this.tool(name);
    const parsed = await tool.inputSchema.parse(JSON.parse(JSON.stringify(input)));
    if (parsed.issues !== undefined) {
      assert.fail(`${name}: the input does not fit its schema: ${JSON.stringify(parsed.issues)}`);
    }
    const output = tool.execute(parsed.value, this.#scope(signal));
    return textOf(tool, isGenerator(output) ? await last(output, onProgress) : await output);
  }

  /** What the work resolves to; rejects with words where it is not done in time. */
  async promptly<T>(work: Promise<T>, otherwise: string): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new assert.AssertionError({ message: `${otherwise}.` })),
        this.promptMs,
      );
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #scope(signal: AbortSignal): CallScope<never> {
    const number = ++this.#calls;
    return {
      signal,
      context: this.#context as never,
      callId: `call:${number}`,
      idempotencyKey: `suite/${number}/call/1`,
      nested: {
        signal,
        recorder: () => assert.fail('The suite cannot run agents inside tools.'),
        wants: () => false,
        emit: () => {},
        spend: () => {},
        approve: undefined,
        around: undefined,
        held: undefined,
      },
      run: () => assert.fail('The suite cannot run agents inside tools.'),
    };
  }
}

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: () => void;
}

/** The cases that hold an input of this kind. */
export function casesWith<K extends 'works' | 'fails' | 'tellsMuch' | 'waits'>(
  cases: ToolkitCases,
  kind: K,
): readonly (readonly [string, ToolInput])[] {
  return Object.entries(cases.tools).flatMap(([name, tool]: [string, ToolCases]) => {
    const input = tool[kind];
    return input === undefined ? [] : [[name, input] as const];
  });
}

async function last(
  output: AsyncGenerator<unknown, unknown, void>,
  onProgress: () => void,
): Promise<unknown> {
  for (;;) {
    const next = await output.next();
    if (next.done === true) return next.value;
    onProgress();
  }
}

function textOf({ toModel }: Tool<never>, value: unknown): string {
  const content = toModel === undefined ? value : toModel(value);
  return typeof content === 'string' ? content : (JSON.stringify(content) ?? '');
}

function isGenerator(value: unknown): value is AsyncGenerator<unknown, unknown, void> {
  return /^\[object (Async)?Generator\]$/.test(Object.prototype.toString.call(value));
}
