import type { Contender, Work } from './contender.ts';
import { lastText, toSegment } from './script.ts';
import type { Scenario } from './script.ts';
import type { Seen } from './server.ts';

/** Figures of one process, by their keys. */
export type Figures = Record<string, number>;

/** The contender under measure and the server it talks to. */
export interface Bench {
  readonly contender: Contender;
  readonly serverURL: string;
}

export const instant = async (at: string) => `Nothing at ${at}.`;

export function agentOf(
  { contender, serverURL }: Bench,
  scenario: Partial<Scenario>,
  work: Partial<Work> = {},
): () => Promise<string> {
  return contender.prepare({
    baseURL: `${serverURL}/${toSegment(scenario)}`,
    maxSteps: 1000,
    look: instant,
    ...work,
  });
}

/** Runs until the code is compiled, and checks that the work is done at all: what was seen is the last run's. */
export async function warmUp(
  bench: Bench,
  run: () => Promise<unknown>,
  times: number,
): Promise<Seen> {
  for (let at = 1; at < times; at++) await run();
  await seenBy(bench);
  const text = await run();
  if (typeof text === 'string' && !text.endsWith(lastText)) {
    throw new Error(`The run ended with ${JSON.stringify(text)} instead of "${lastText}".`);
  }
  return seenBy(bench);
}

/** What a run costs, over so many: the mean of those in one look, and of the looks the least, as the machine is never quiet. */
export async function costOf(run: () => Promise<unknown>, times: number, looks = 6) {
  const inLook = Math.max(1, Math.round(times / looks));
  const least = { cpuMs: Infinity, wallMs: Infinity };
  for (let done = 0; done < times; done += inLook) {
    const [cpu, fromMs] = [process.cpuUsage(), performance.now()];
    for (let at = 0; at < inLook; at++) await run();
    const { user, system } = process.cpuUsage(cpu);
    least.cpuMs = Math.min(least.cpuMs, (user + system) / 1000 / inLook);
    least.wallMs = Math.min(least.wallMs, (performance.now() - fromMs) / inLook);
  }
  return least;
}

export async function seenBy({ serverURL }: Bench): Promise<Seen> {
  return (await (await fetch(`${serverURL}/seen`)).json()) as Seen;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2;
}
