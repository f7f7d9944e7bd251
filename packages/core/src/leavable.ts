/**
 * The same iteration, ended at once by `return()`, also before its first value and while a `next()` is pending:
 * a generator's own `return()` would wait for that. `leave` is to make the generator end.
 */
export function leavable<T>(
  values: AsyncGenerator<T, void, void>,
  leave: () => void,
): AsyncIterator<T, void, void> {
  let left = false;
  const over: IteratorResult<T, void> = { done: true, value: undefined };
  return {
    next: async () => {
      try {
        const result = left ? over : await values.next();
        return left ? over : result;
      } catch (error) {
        if (left) return over;
        throw error;
      }
    },
    return: async () => {
      left = true;
      leave();
      return over;
    },
  };
}
