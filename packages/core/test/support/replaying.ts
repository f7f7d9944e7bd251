import { Suspension } from '../../src/index.ts';
import type { LogEntry, Recorder, StepScope } from '../../src/index.ts';

/** Thrown where the loop asks for what was not recorded. */
export class NotRecorded extends Error {}

/** A recorder that gives what was recorded and runs nothing, and what it was asked for. */
export interface Replaying {
  readonly recorder: Recorder;
  readonly asked: readonly string[];
}

/** Fails where the loop asks for a key twice, for one that is not there, or looks outside between its steps. */
export function replaying(log: readonly LogEntry[], runId: string): Replaying {
  const asked: string[] = [];
  let open = 0; // steps that are done again, since they have no end
  const known = new Map(log.map(({ key, event }) => [key, event]));
  const ask = (path: string) => {
    if (asked.includes(path)) throw new Error(`the key ${path} is asked for twice`);
    asked.push(path);
    return known.get(path);
  };
  const find = (path: string) => {
    const event = ask(path);
    if (event !== undefined) return event;
    throw new NotRecorded(`the key ${path} was not recorded: the loop went another way`);
  };
  const at = (id: string, prefix: string): Recorder => ({
    runId: id,
    step: async (key, fn: (scope: StepScope) => Promise<never>) => {
      // A call that stopped while an agent inside it waited has no end; what is inside is recorded.
      const inside = `${prefix}${key}/run/`;
      const isOpen = !known.has(prefix + key) && log.some((entry) => entry.key.startsWith(inside));
      if (!isOpen) return find(prefix + key) as never;
      const { signal } = new AbortController();
      open++;
      return fn({ idempotencyKey: `${id}/${key}`, attempt: 1, signal }).finally(() => open--);
    },
    gate: async (key, about) => {
      const decided = ask(prefix + key);
      if (decided === undefined) throw new Suspension([about]);
      return decided as never;
    },
    now: async () => {
      if (open > 0) return Date.now();
      throw new Error('the loop looked at the clock outside a step');
    },
    uuid: () => Promise.reject(new Error('the loop asked for a random id outside a step')),
    child: (key) => at(`${id}/${key}`, `${prefix}${key}/run/`),
  });
  return { recorder: at(runId, ''), asked };
}
