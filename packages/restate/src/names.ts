/** The workflow of an agent's runs: one for each run, its key is the run's id. */
export function runsName(agent: string): string {
  return `${agent}-runs`;
}

/** The object of an agent's sessions: one for each session, its key is the session's id. */
export function sessionsName(agent: string): string {
  return `${agent}-sessions`;
}

/** The object of the logs of runs inside calls: one for each call, its key is the run's id and the call's key. */
export function insideName(agent: string): string {
  return `${agent}-inside`;
}

/** The durable promise of a run that holds the decision on a call. */
export function decisionName(id: string): string {
  return `decision ${id}`;
}

/** The durable promise of a run that holds what was said to it: the first, the second, and so on. */
export function saidName(index: number): string {
  return `said ${index}`;
}

/** The durable promise of a run that is there once it is aborted. */
export const abortName = 'abort';
