import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import { Agent as CoreAgent, Session } from '../../src/index.ts';
import type {
  LogEntry,
  Message,
  Recorder,
  Run,
  RunEvent,
  RunOptions,
  RunResult,
  SessionLine,
} from '../../src/index.ts';
import type { RunArguments } from '../../src/options.ts';
import { replaying } from './replaying.ts';
import { MemoryLog } from './session.ts';
import { eventsOf } from './tools.ts';

// The behaviour tests run twice: as they are, and in the project "core, replayed", where every run they make is
// recorded, and replayed from its recording after the test.

const replays = process.env['THROUGHLINE_REPLAY'] !== undefined;

/** How many runs were replayed. */
const replayed = { runs: 0 };

/** A run that has settled, with all that is needed to play it again. */
interface Played {
  readonly again: (recorder: Recorder) => Run<unknown>;
  readonly runId: string;
  readonly log: readonly LogEntry[];
  readonly result: RunResult<unknown> | undefined;
  readonly error: unknown;
}

const played: Played[] = [];
const ready: Session[] = [];
const fresh = () => Session.load(new InstantLog());

/** A log that is never waited for: a recorded test takes as long as any other. */
class InstantLog extends MemoryLog {
  override async append(_lastSeq: number, lines: readonly SessionLine[]): Promise<void> {
    this.texts.push(...lines.map((line) => JSON.stringify(line)));
  }
}

/** The agent of the behaviour tests. */
export class Agent<Context = unknown, Output = undefined> extends CoreAgent<Context, Output> {
  override async run(
    input: string | readonly Message[],
    ...[options]: RunArguments<Context>
  ): Promise<RunResult<Output>> {
    const session = this.#sessionFor(options);
    if (session === undefined) return super.run(input, ...([options] as RunArguments<Context>));
    const told = { input, options, session };
    try {
      const recorded = { ...options, session } as RunOptions<Context>;
      const result = await super.run(input, ...([recorded] as RunArguments<Context>));
      return await this.#remember(told, result);
    } catch (error) {
      await this.#remember(told, undefined, error);
      throw error;
    }
  }

  override stream(
    input: string | readonly Message[],
    ...[options]: RunArguments<Context>
  ): Run<Output> {
    const session = this.#sessionFor(options);
    if (session === undefined) return super.stream(input, ...([options] as RunArguments<Context>));
    const recorded = { ...options, session } as RunOptions<Context>;
    const run = super.stream(input, ...([recorded] as RunArguments<Context>));
    const told = { input, options, session };
    const result = run.result.then(
      (value) => this.#remember(told, value),
      async (error: unknown) => {
        await this.#remember(told, undefined, error);
        throw error;
      },
    );
    result.catch(() => {}); // a test that looks at the run sees it there
    Object.defineProperty(run, 'result', { value: result });
    return run;
  }

  /** Where to record a run that has no place of its own; undefined where it is not recorded. */
  #sessionFor(options: RunOptions<Context> | undefined): Session | undefined {
    if (!replays) return undefined;
    if (options?.session !== undefined) return undefined; // its own tests look at its log
    // These contradict a session: a history is part of it, a recorder is in its place, an inner run is in its parent's.
    for (const own of ['history', 'recorder', 'nested'] as const) {
      if (options?.[own] !== undefined) return undefined;
    }
    const session = ready.pop();
    if (session === undefined) throw new Error('more runs at once than sessions are kept ready');
    void fresh().then((next) => ready.push(next));
    return session;
  }

  async #remember(
    told: {
      readonly input: string | readonly Message[];
      readonly options: RunOptions<Context> | undefined;
      readonly session: Session;
    },
    result: RunResult<Output> | undefined,
    error?: unknown,
  ): Promise<RunResult<Output>> {
    const lines: SessionLine[] = [];
    for await (const some of told.session.log.read()) lines.push(...some);
    const runId = lines[0]?.runId ?? '';
    // What marks that a run stopped is no step's result.
    const steps = lines.filter(({ key, event }) => event.type !== 'run.end' || key.includes('/'));
    const log = steps.map(({ key, event }): LogEntry => ({ key, event }));
    const whole =
      result?.stopReason === 'suspended'
        ? { ...result, suspended: { version: 1 as const, runId, history: [], log: log.slice() } }
        : result;
    const { signal: _, ...options } = told.options ?? {}; // it may be aborted
    const again = (recorder: Recorder) =>
      super.stream(told.input, ...([{ ...options, recorder }] as unknown as RunArguments<Context>));
    played.push({
      again: again as (recorder: Recorder) => Run<unknown>,
      runId,
      log,
      result: whole,
      error,
    });
    return whole as RunResult<Output>;
  }
}

if (replays) {
  beforeEach(async () => {
    while (ready.length < 64) ready.push(await fresh());
  });
  afterEach(async () => {
    for (const one of played.splice(0)) await replay(one);
  });
  afterAll(() => expect(replayed.runs).toBeGreaterThan(0));
}

async function replay({ again, runId, log, result, error: failure }: Played): Promise<void> {
  if (log.length === 0) return; // it was stopped before its first step
  const { recorder, asked } = replaying(log, runId);
  const run = again(recorder);
  const { events, value, error } = await outcomeOf(run);
  replayed.runs++;
  const own = log.filter(({ key }) => !key.includes('/run/'));
  if (result === undefined) {
    // What the host's own code throws between the steps it throws again.
    if (error instanceof Error && failure instanceof Error && error.message === failure.message)
      return;
    // It went as far as its recording goes, and no other way.
    expect(value?.stopReason ?? 'none').toMatch(/none|suspended/);
    const answers = own.filter(
      ({ event }) => event.type !== 'call.start' && event.type !== 'call.end',
    );
    expect(asked).toEqual(expect.arrayContaining(answers.map(({ key }) => key)));
    return;
  }
  if (error !== undefined) throw error;
  const told = (one: RunResult<unknown>) => {
    const { suspended: _, ...known } = one;
    return JSON.parse(JSON.stringify(known)) as unknown;
  };
  expect(told(value as RunResult<unknown>)).toEqual(told(result));
  const recorded = own.map(({ event }) => JSON.stringify(event));
  const toldAgain = events
    .filter(isIn(new Set(own.map(({ event }) => event.type))))
    .map((event) => JSON.stringify(event));
  // A suspended run tells what it waits for, and its end, though neither is a step's result.
  const known = toldAgain.filter((text) => recorded.includes(text));
  expect(known.toSorted()).toEqual(recorded.toSorted());
}

async function outcomeOf(run: Run<unknown>) {
  let events: readonly RunEvent[] = [];
  try {
    events = await eventsOf(run);
    return { events, value: await run.result, error: undefined };
  } catch (error) {
    return { events, value: undefined, error };
  }
}

function isIn(types: ReadonlySet<string>): (event: RunEvent) => boolean {
  return ({ type }) => types.has(type);
}
