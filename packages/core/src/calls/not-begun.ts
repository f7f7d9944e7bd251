/** What the model reads of a call that was stopped before it began. */
export const notBegun = 'The run was stopped before this call began.';

/** What the model reads of a call that came too late for the run's time. */
export const lateToBegin = 'This call did not run: the run’s time was up before it could begin.';
