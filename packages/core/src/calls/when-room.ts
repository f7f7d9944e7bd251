import { within } from '../base/abort.ts';
import type { Tool } from '../tool/tool.ts';
import type { CallDeps } from './call-deps.ts';
import type { HeldSemaphores } from './semaphore.ts';

/** Works once fewer calls are at work than may be. Rejects with the reason of the signal, or with `TimeUp`, where that comes first. */
export async function whenRoom<T>(
  tool: Tool,
  { signal, host }: { readonly signal: AbortSignal; readonly host: CallDeps },
  work: (held?: HeldSemaphores) => Promise<T>,
): Promise<T> {
  const { semaphore, held, deadline } = host;
  const ofTool = host.semaphoreOf(tool);
  if (semaphore === undefined && ofTool === undefined) return work(held);
  const waiting = within(signal, await deadline?.leftMs());
  try {
    const inRun =
      semaphore === undefined
        ? work
        : (outer?: HeldSemaphores) => semaphore.use(waiting.signal, work, outer);
    return await (ofTool === undefined ? inRun(held) : ofTool.use(waiting.signal, inRun, held));
  } finally {
    waiting.release();
  }
}
