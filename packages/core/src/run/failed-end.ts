import { ThroughlineError, wordsOf } from '../base/error.ts';
import type { RecordedEvent, RunEnd } from '../base/event.ts';
import { addUsage, noUsage } from '../base/model.ts';

/** The end of a run that threw, after what it has recorded. */
export function failedEnd(
  error: unknown,
  recorded: readonly RecordedEvent[],
  { runId, aborted }: { readonly runId: string; readonly aborted: boolean },
): RunEnd {
  let usage = noUsage;
  for (const event of recorded) if ('usage' in event) usage = addUsage(usage, event.usage);
  return {
    type: 'run.end',
    runId,
    stopReason: aborted ? 'aborted' : 'failed',
    text: '',
    steps: recorded.filter(({ type }) => type === 'answer').length,
    usage,
    error: {
      code: error instanceof ThroughlineError ? error.code : 'error',
      message: wordsOf(error),
    },
  };
}
