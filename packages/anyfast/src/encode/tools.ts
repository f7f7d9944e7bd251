import { ThroughlineError } from '@throughline/core';
import type { JsonSchema, ToolSpec } from '@throughline/core';
import { compileSchema } from '../schema/compile.ts';
import type { Names } from './names.ts';

/** The tools of a request as they are sent. */
export interface ToolList {
  /** A JSON array; empty when there is nothing to send. */
  readonly json: string;
  /** Names as on the wire. */
  readonly wireNames: readonly string[];
  /** Why tools were left out. */
  readonly warnings: readonly string[];
}

/** The endpoint refuses more (Moonshot's documentation of the chat API). */
const mostTools = 128;

/**
 * Writes tools for the wire, each once in its life and each list once. A tool that cannot be sent is left out
 * and said so: it must not break every request.
 */
export class ToolWriter {
  readonly #names: Names;
  readonly #lists = new WeakMap<readonly ToolSpec[], ToolList>();
  readonly #schemas = new WeakMap<ToolSpec, JsonSchema | ThroughlineError>();
  readonly #written = new WeakMap<ToolSpec, string>();

  constructor(names: Names) {
    this.#names = names;
  }

  /** Compiles what is new among the tools; to be waited for before they are listed. Undefined where nothing is. */
  prepare(tools: readonly ToolSpec[]): Promise<unknown> | undefined {
    if (this.#lists.has(tools)) return undefined;
    const fresh = tools.filter((tool) => !this.#schemas.has(tool));
    if (fresh.length === 0) return undefined;
    return Promise.all(
      fresh.map(async (tool) => this.#schemas.set(tool, await compile(tool.parameters))),
    );
  }

  list(tools: readonly ToolSpec[]): ToolList {
    let list = this.#lists.get(tools);
    if (list === undefined) {
      list = this.#make(tools);
      this.#lists.set(tools, list);
    }
    return list;
  }

  #make(tools: readonly ToolSpec[]): ToolList {
    const warnings: string[] = [];
    const sent = new Map<string, string>();
    for (const tool of tools) {
      const schema = this.#schemas.get(tool);
      const wireName = this.#names.toWire(tool.name);
      if (schema instanceof ThroughlineError) {
        warnings.push(`The tool "${tool.name}" was left out: ${schema.message}`);
      } else if (sent.has(wireName)) {
        warnings.push(`A second tool called "${tool.name}" was left out.`);
      } else if (sent.size === mostTools) {
        const reason = `the endpoint takes ${mostTools} tools and ${tools.length} were given.`;
        warnings.push(`The tool "${tool.name}" was left out: ${reason}`);
      } else sent.set(wireName, this.#write(tool, wireName, schema));
    }
    const json = sent.size === 0 ? '' : `[${[...sent.values()].join(',')}]`;
    return { json, wireNames: [...sent.keys()], warnings };
  }

  #write(tool: ToolSpec, name: string, parameters: JsonSchema | undefined): string {
    let written = this.#written.get(tool);
    if (written === undefined) {
      const spec = { name, description: tool.description, parameters };
      written = JSON.stringify({ type: 'function', function: spec });
      this.#written.set(tool, written);
    }
    return written;
  }
}

/** One bad schema costs its own tool, and no other. */
async function compile(parameters: JsonSchema): Promise<JsonSchema | ThroughlineError> {
  try {
    const { schema } = await compileSchema(parameters);
    return schema;
  } catch (error) {
    if (error instanceof ThroughlineError) return error;
    const told = `its schema cannot be read (${String(error).slice(0, 200)}).`;
    return new ThroughlineError('invalid_schema', told, { cause: error });
  }
}
