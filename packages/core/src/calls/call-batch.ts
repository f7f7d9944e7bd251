import type { AnswerGiven, RecordedEvent } from '../base/event.ts';
import type { Recorder, StepScope } from '../record/recorder.ts';
import type { Tool } from '../tool/tool.ts';
import type { Prefetch } from './prefetch.ts';
import type { CallDeps } from './call-deps.ts';

/** All that the calls of one answer need. */
export interface CallBatch {
  readonly answer: AnswerGiven;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly recorder: Recorder;
  /** `recorder.step`, with the event told. */
  settle<E extends RecordedEvent>(key: string, fn: (scope: StepScope) => Promise<E>): Promise<E>;
  readonly host: CallDeps;
  readonly prefetch: Prefetch | undefined;
}
