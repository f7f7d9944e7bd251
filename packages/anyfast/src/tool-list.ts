import { ThroughlineError } from '@throughline/core';
import type { ToolSpec } from '@throughline/core';
import type { Names } from './names.ts';
import { compileSchema } from './schema.ts';

/** The tools of a request as they are sent. */
export interface ToolList {
  /** A JSON array; empty when there is nothing to send. */
  readonly json: string;
  /** Names as on the wire. */
  readonly wireNames: readonly string[];
  /** Why tools were left out. */
  readonly warnings: readonly string[];
}

/** The endpoint refuses more (contract, section 1.1). */
const mostTools = 128;

/**
 * Writes tools for the wire, each once in its life and each list once. A tool that cannot be sent is left out
 * and said so: it must not break every request.
 */
export class ToolWriter {
  readonly #names: Names;
  readonly #lists = new WeakMap<readonly ToolSpec[], ToolList>();
  readonly #written = new WeakMap<ToolSpec, string | ThroughlineError>();

  constructor(names: Names) {
    this.#names = names;
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
      const json = this.#write(tool);
      const wireName = this.#names.toWire(tool.name);
      if (typeof json !== 'string') {
        warnings.push(`The tool "${tool.name}" was left out: ${json.message}`);
      } else if (sent.has(wireName)) {
        warnings.push(`A second tool called "${tool.name}" was left out.`);
      } else if (sent.size === mostTools) {
        const why = `the endpoint takes ${mostTools} tools and ${tools.length} were given.`;
        warnings.push(`The tool "${tool.name}" was left out: ${why}`);
      } else sent.set(wireName, json);
    }
    const json = sent.size === 0 ? '' : `[${[...sent.values()].join(',')}]`;
    return { json, wireNames: [...sent.keys()], warnings };
  }

  #write(tool: ToolSpec): string | ThroughlineError {
    let written = this.#written.get(tool);
    if (written === undefined) {
      written = this.#compile(tool);
      this.#written.set(tool, written);
    }
    return written;
  }

  #compile({ name, description, parameters }: ToolSpec): string | ThroughlineError {
    try {
      const { schema } = compileSchema(parameters);
      const spec = { name: this.#names.toWire(name), description, parameters: schema };
      return JSON.stringify({ type: 'function', function: spec });
    } catch (error) {
      if (error instanceof ThroughlineError) return error;
      throw error;
    }
  }
}
