import { monitorEventLoopDelay } from 'node:perf_hooks';
import { agentOf, costOf, instant, median, seenBy, warmUp } from './agents.ts';
import type { Bench, Figures } from './agents.ts';
import { measureLive, measureWaiting } from './memory.ts';
import { measureRecorded } from './recording.ts';

/** How to measure, by the name of the measure. Each runs in a fresh process. */
export const measures = {
  step: measureStep,
  stream: (bench: Bench) => measureStream(bench),
  shown: (bench: Bench) => measureStream(bench, () => {}),
  growth: measureGrowth,
  gap: measureGap,
  parallel: measureParallel,
  early: measureEarly,
  crowd: measureCrowd,
  live: measureLive,
  waiting: measureWaiting,
  recorded: measureRecorded,
} as const satisfies Record<string, (bench: Bench) => Promise<Figures>>;

export type MeasureName = keyof typeof measures;

/** Steps of a run of 50 with 36 pieces of reasoning each. */
async function measureStep(bench: Bench): Promise<Figures> {
  const scenario = { steps: 50, deltas: 36 };
  const run = agentOf(bench, scenario);
  const seen = await warmUp(bench, run, 12);
  const cost = await costOf(run, 20);
  return {
    'step.cpuMs': cost.cpuMs / scenario.steps,
    'step.wallMs': cost.wallMs / scenario.steps,
    'step.reasoning': seen.reasoning,
  };
}

/** One answer of 20,000 pieces. */
async function measureStream(bench: Bench, onDelta?: (delta: string) => void): Promise<Figures> {
  const scenario = { steps: 1, deltas: 20_000, perChunk: 10 };
  const run = agentOf(bench, scenario, onDelta === undefined ? {} : { onDelta });
  await warmUp(bench, run, 10);
  const cost = await costOf(run, 12);
  const name = onDelta === undefined ? 'stream' : 'shown';
  return {
    [`${name}.perCpuSecond`]: scenario.deltas / (cost.cpuMs / 1000),
    [`${name}.peakMB`]: process.resourceUsage().maxRSS / 1024,
  };
}

export const lengths = [25, 100, 400] as const;

/** Runs of more and more steps, with results of 2 KB. */
async function measureGrowth(bench: Bench): Promise<Figures> {
  const result = 'r'.repeat(2048);
  const look = async () => result;
  const figures: Figures = {};
  await warmUp(bench, agentOf(bench, { steps: 100, deltas: 4 }, { look }), 3);
  for (const steps of lengths) {
    const run = agentOf(bench, { steps, deltas: 4 }, { look });
    const times = Math.max(4, Math.round(600 / steps));
    // In a look at one or two long runs there may be no collection of garbage at all.
    const looks = Math.min(6, times / 4);
    figures[`growth.cpuMs${steps}`] = (await costOf(run, times, looks)).cpuMs / steps;
  }
  figures['growth.exponent'] = exponentOf(
    lengths.map((steps) => [steps, figures[`growth.cpuMs${steps}`] ?? 0]),
  );
  return figures;
}

/** The slope of the line through the points on logarithmic axes: 0 where a step always costs the same. */
function exponentOf(points: readonly (readonly [number, number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (at: 0 | 1) => logs.reduce((sum, log) => sum + log[at], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const rise = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return rise / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

/** From the last byte of an answer to the first one of the next request, as the server sees it. */
async function measureGap(bench: Bench): Promise<Figures> {
  const run = agentOf(bench, { steps: 50, deltas: 36 });
  await warmUp(bench, run, 4);
  for (let times = 0; times < 8; times++) await run();
  return { 'gap.ms': median((await seenBy(bench)).gapsMs) };
}

/** Answers with 8 calls whose tool waits 2 ms. */
async function measureParallel(bench: Bench): Promise<Figures> {
  const look = (at: string) =>
    new Promise<string>((resolve) => setTimeout(() => resolve(`Nothing at ${at}.`), 2));
  const scenario = { steps: 20, deltas: 4, calls: 8 };
  const run = agentOf(bench, scenario, { look });
  await warmUp(bench, run, 6);
  const cost = await costOf(run, 24);
  return {
    'parallel.cpuMs': cost.cpuMs / scenario.steps,
    'parallel.wallMs': cost.wallMs / scenario.steps,
  };
}

/** Three calls in an answer; the server pauses for a second before the third. */
async function measureEarly(bench: Bench): Promise<Figures> {
  const startsMs: number[] = [];
  const look = async (at: string) => {
    startsMs.push(performance.timeOrigin + performance.now());
    return instant(at);
  };
  const work = { look };
  const quick = agentOf(bench, { steps: 2, deltas: 1, calls: 3, perChunk: 4 }, work);
  await warmUp(bench, quick, 4);
  const run = agentOf(bench, { steps: 2, deltas: 1, calls: 3, perChunk: 4, pauseMs: 1000 }, work);
  startsMs.length = 0;
  await run();
  const { endedAtMs, gapsMs } = await seenBy(bench);
  // The second answer comes in one piece, so the first one ended a gap before it.
  return { 'early.leadMs': endedAtMs - (gapsMs.at(-1) ?? 0) - Math.min(...startsMs) };
}

/** 500 agents at once, of 5 steps each. */
async function measureCrowd(bench: Bench): Promise<Figures> {
  const agents = 500;
  const run = agentOf(bench, { steps: 5, deltas: 36 });
  const crowd = (size: number) => Promise.all(Array.from({ length: size }, run));
  // As many steps as a crowd has: after a fifth of them the first crowd cost up to twice the second, which was compiling.
  await warmUp(bench, () => crowd(20), 25);
  const lag = monitorEventLoopDelay({ resolution: 1 });
  lag.enable();
  const cost = await costOf(() => crowd(agents), 2);
  lag.disable();
  return {
    'crowd.cpuMs': cost.cpuMs,
    'crowd.wallMs': cost.wallMs,
    'crowd.peakMB': process.resourceUsage().maxRSS / 1024,
    'crowd.lagMs': lag.percentile(99) / 1e6,
  };
}
