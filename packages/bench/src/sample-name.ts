import { measures } from './measure.ts';
import type { MeasureName } from './measure.ts';

/** Every kind of sample. `load` is measured by the worker itself. */
export type SampleName = MeasureName | 'load';

export const sampleNames = [...Object.keys(measures), 'load'] as readonly SampleName[];

/** What a measure is, in words. */
export const abouts: Readonly<Record<SampleName, string>> = {
  step: 'A run of 50 answers with 36 pieces of reasoning and a call each. All reasoning is to stand in the last request.',
  stream: 'One answer of 20,000 deltas, nobody listening.',
  shown: 'The same answer, each delta handed to a listener.',
  growth:
    'Runs of 25 to 400 steps with results of 2 KB: what a step costs as the history grows. At an exponent of 0 it would always cost the same.',
  gap: 'From the last byte of an answer to the first one of the next request, seen by the server.',
  parallel: 'Answers with 8 calls each, whose tool waits 2 ms.',
  early: 'Three calls in an answer; the server waits a second before the last of them.',
  crowd: '500 agents at once in one process, 5 steps each.',
  load: 'Importing the contender in a fresh process.',
};
