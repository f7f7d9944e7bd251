import type { AnswerGiven, RecordedEvent } from './event.ts';
import type { Prefetch } from './prefetch.ts';
import type { Recorder, StepScope } from './recorder.ts';
import type { CallHost } from './run-call.ts';
import type { Tool } from './tool.ts';

/** All that the calls of one answer need. */
export interface Execution {
  readonly answer: AnswerGiven;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly recorder: Recorder;
  /** `recorder.step`, with the event told. */
  settle<E extends RecordedEvent>(key: string, fn: (scope: StepScope) => Promise<E>): Promise<E>;
  readonly host: CallHost;
  readonly prefetch: Prefetch | undefined;
}
