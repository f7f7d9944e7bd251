import type { SessionLine } from '@throughline/core';

/** The lines among those that are read, up to the line `upTo`, that `wants` wants; at most `max`. */
export async function linesOf(
  read: AsyncIterable<readonly SessionLine[]>,
  { upTo = Infinity, max }: { readonly upTo?: number; readonly max: number },
  wants: (line: SessionLine) => boolean = () => true,
): Promise<readonly SessionLine[]> {
  const found: SessionLine[] = [];
  for await (const lines of read) {
    for (const line of lines) {
      if (line.seq > upTo || found.length >= max) return found;
      if (wants(line)) found.push(line);
    }
  }
  return found;
}
