import type { Session, SessionLine } from '@throughline/core';

/** The lines of a session that `wants` wants, at most `max`. */
export async function linesOf(
  session: Session,
  { from, upTo, max }: { readonly from: number; readonly upTo: number; readonly max: number },
  wants: (line: SessionLine) => boolean = () => true,
): Promise<readonly SessionLine[]> {
  const found: SessionLine[] = [];
  if (from > upTo) return found;
  for await (const lines of session.log.read(from)) {
    for (const line of lines) {
      if (line.seq > upTo || found.length >= max) return found;
      if (wants(line)) found.push(line);
    }
  }
  return found;
}
