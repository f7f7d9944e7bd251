/** The inner signal's reason when the caller leaves the iteration; no caller sees it. */
const left = Symbol('left');

/**
 * An iteration over what `make` makes when it begins. It ends at once, whatever it is waiting for: rejecting with the
 * signal's own reason when that aborts, quietly when it is left early. A bare generator would keep `return()` waiting for
 * the next batch.
 */
export function closable<T>(
  make: (signal: AbortSignal) => Made<T>,
  signal: AbortSignal,
): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => iterate(make, signal) };
}

function iterate<T>(make: (signal: AbortSignal) => Made<T>, signal: AbortSignal): AsyncIterator<T> {
  const inner = new AbortController();
  const pass = (): void => inner.abort(signal.reason);
  const forget = (): void => signal.removeEventListener('abort', pass);
  let generator: Made<T> | undefined;
  const start = (): Made<T> => {
    if (signal.aborted) pass();
    else signal.addEventListener('abort', pass, { once: true });
    return make(inner.signal);
  };
  const over: IteratorResult<T> = { done: true, value: undefined };
  return {
    async next() {
      try {
        generator ??= start();
        if (generator instanceof Promise) generator = await generator;
        const result = await generator.next();
        if (result.done === true) forget();
        return result;
      } catch (error) {
        forget();
        if (inner.signal.reason === left) return over;
        throw error;
      }
    },
    async return() {
      forget();
      inner.abort(left);
      generator ??= (async function* () {})();
      const made = await Promise.resolve(generator).catch(() => undefined); // why it could not be made, `next` says
      await made?.return();
      return over;
    },
  };
}

type Made<T> = AsyncGenerator<T, void> | Promise<AsyncGenerator<T, void>>;
