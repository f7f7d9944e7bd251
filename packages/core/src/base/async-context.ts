import { nodeBuiltin } from './node-builtin.ts';

/** A value that follows the work done inside `run`, also over its promises and timers. */
export interface AsyncContext<T> {
  getStore(): T | undefined;
  run<R>(value: T, work: () => R): R;
}

type AsyncContextClass = new <T>() => AsyncContext<T>;

/**
 * Made of the runtime's AsyncLocalStorage: Node, Bun, Deno and workers with Node's builtins have it as a module, edge runtimes as
 * a global. Where there is none, as in a browser, no work has a value.
 */
export function asyncContext<T>(): AsyncContext<T> {
  const global = globalThis as { readonly AsyncLocalStorage?: AsyncContextClass };
  const module = nodeBuiltin<{ AsyncLocalStorage?: AsyncContextClass }>('node:async_hooks');
  const Found = module?.AsyncLocalStorage ?? global.AsyncLocalStorage;
  return Found === undefined
    ? { getStore: () => undefined, run: (_, work) => work() }
    : new Found();
}
