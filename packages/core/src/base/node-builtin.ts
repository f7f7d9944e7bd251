/**
 * A builtin module of Node, by its name, e.g. `node:events`; undefined where the runtime has none. Core imports no builtin, so
 * that it loads in a browser, at an edge and in a worker.
 */
export function nodeBuiltin<T>(name: string): T | undefined {
  const { process } = globalThis as {
    readonly process?: { getBuiltinModule?(name: string): unknown };
  };
  return process?.getBuiltinModule?.(name) as T | undefined;
}
