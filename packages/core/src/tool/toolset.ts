import { shown } from '../base/check-options.ts';
import { ThroughlineError, wordsOf } from '../base/error.ts';
import type { ToolSpec } from '../base/model.ts';
import type { Plug, Tool, Toolkit } from './tool.ts';

/** The tools of one step, in an order that stays as it is while tools come and go. */
export interface Toolset {
  readonly tools: ReadonlyMap<string, Tool>;
  /** What the model is told; the same array as long as the tools are the same. Rejects with `invalid_schema`. */
  specs(): Promise<readonly ToolSpec[]>;
  /** Why tools of toolkits are left out, once `specs` has resolved: their schemas cannot be told to the model. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/** What earlier runs of an agent have found in the same list: nothing of it is described, compiled or written again. */
const known = new WeakMap<readonly Plug[], Toolset>();

/**
 * The tools behind `plugs` as they are now. Given the toolset of the step before, tools that stay keep their
 * place, so that what was sent before stays a prefix of what is sent next; the very same toolset comes back
 * where nothing changed. Throws `duplicate_tool` or `invalid_tool`.
 */
export function toToolset(plugs: readonly Plug[], before?: Toolset): Toolset {
  const all = flatten(plugs);
  const same = before ?? known.get(plugs);
  if (same !== undefined && isSame(all, same)) return same;
  const found = new Map<string, Tool>();
  for (const tool of all) {
    if (found.has(tool.name)) {
      throw new ThroughlineError(
        'duplicate_tool',
        `Two tools are called "${tool.name}". Rename one, or plug a toolkit in with prefix('…', toolkit).`,
      );
    }
    found.set(tool.name, tool);
  }
  if (before === undefined) return newToolset(found, plugs);
  const kept = [...before.tools.keys()].filter((name) => found.has(name));
  const tools = new Map<string, Tool>();
  for (const name of [...kept, ...found.keys()]) {
    const tool = found.get(name);
    if (tool !== undefined) tools.set(name, tool);
  }
  const isAsBefore =
    tools.size === before.tools.size &&
    [...tools].every(([name, tool]) => before.tools.get(name) === tool);
  return isAsBefore ? before : newToolset(tools, plugs);
}

/** The same tools in the same order, as nearly always. */
function isSame(all: readonly Tool[], { tools }: Toolset): boolean {
  if (all.length !== tools.size) return false;
  let at = 0;
  for (const tool of tools.values()) if (all[at++] !== tool) return false;
  return true;
}

/** The toolkits among `plugs`, at any depth. */
export function toolkitsOf(plugs: readonly Plug[]): readonly Toolkit<never>[] {
  return plugs.flatMap((plug) => {
    if (isList(plug)) return toolkitsOf(plug);
    return isTool(plug) ? [] : [plug];
  });
}

function newToolset(tools: ReadonlyMap<string, Tool>, plugs: readonly Plug[]): Toolset {
  let specs: Promise<readonly ToolSpec[]> | undefined;
  const leftOut = new Map<string, string>();
  const load = async () => {
    const found = await Promise.all(
      [...tools.values()].map((tool) => specOf(tool, plugs, leftOut)),
    );
    // What failed may be whole with the next run.
    if (leftOut.size === 0) known.set(plugs, toolset);
    return found.filter((spec) => spec !== undefined);
  };
  const toolset = { tools, leftOut, specs: () => (specs ??= load()) };
  return toolset;
}

/**
 * A tool that the host wrote fails the run, so that its author sees it. One of a toolkit, which may come from a server or a document,
 * costs that tool alone.
 */
async function specOf(
  tool: Tool,
  plugs: readonly Plug[],
  leftOut: Map<string, string>,
): Promise<ToolSpec | undefined> {
  const { name, description, inputSchema } = tool;
  try {
    return { name, description, parameters: await inputSchema.describe() };
  } catch (error) {
    if (!toolkitsOf(plugs).some(({ tools }) => tools.includes(tool))) throw error;
    leftOut.set(name, wordsOf(error));
    return undefined;
  }
}

function flatten(plugs: readonly Plug[]): readonly Tool[] {
  return plugs.flatMap((plug) => {
    if (isList(plug)) return flatten(plug);
    if (isTool(plug)) return [plug];
    if (typeof plug === 'object' && plug !== null && Array.isArray(plug.tools)) {
      return flatten(plug.tools);
    }
    throw new ThroughlineError(
      'invalid_tool',
      `tools holds ${describe(plug)}, which is neither a tool made by tool() nor a toolkit.`,
    );
  });
}

function isList(plug: Plug): plug is readonly Plug[] {
  return Array.isArray(plug);
}

function isTool(plug: Plug): plug is Tool {
  if (typeof plug !== 'object' || plug === null || !('execute' in plug)) return false;
  const { inputSchema } = plug as Partial<Tool>;
  // A definition that has not been through tool() holds the author's own schema; zod's has a `parse` too.
  return typeof inputSchema?.parse === 'function' && !('~standard' in inputSchema);
}

function describe(value: unknown): string {
  const name = (value as { name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' ? `"${name}"` : shown(value);
}
