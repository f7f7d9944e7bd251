import { measures } from './measure.ts';
import type { MeasureName } from './measure.ts';

/** Every kind of sample. `load` is measured by the worker itself. */
export type SampleName = MeasureName | 'load';

export const sampleNames = [...Object.keys(measures), 'load'] as readonly SampleName[];

/** What nobody else does. */
export const onlyOurs: readonly SampleName[] = ['waiting', 'recorded'];

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
  live: 'What a run holds in memory in the middle of its answer, as the mean of 300 at once.',
  waiting:
    'What a run holds whose call waits for a person in the same process, as the mean of 300 at once.',
  recorded:
    '100 agents at once, 5 steps each, with a session each: not recorded, in files and in SQLite. Each line is on the disk (fdatasync) before it is acted on.',
  load: 'Importing the contender in a fresh process.',
};
