import { checkScript, mostMs } from './script-check.ts';
import type { SimulatorOptions } from './settings.ts';
import { shown } from './shown.ts';

/** Throws a TypeError with a sentence for the first option that is none, or whose value is none. */
export function checkOptions(options: SimulatorOptions): void {
  // A name that is wrong says nothing by itself: the simulator would run, and do something else.
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(checks, name)) continue;
    const known = Object.keys(checks).join(', ');
    throw new TypeError(`There is no option called "${name}"; there are ${known}.`);
  }
  for (const [name, check] of Object.entries(checks)) {
    const value: unknown = options[name as keyof SimulatorOptions];
    if (value === undefined) continue;
    const wanted = check(value);
    if (wanted === undefined) continue;
    throw new TypeError(`${name} must be ${wanted}, not ${shown(value)}.`);
  }
  if (options.script !== undefined) checkScript(options.script);
}

/** Says what a value must be, if it is not. */
type Check = (value: unknown) => string | undefined;

const checks: Readonly<Record<keyof SimulatorOptions, Check>> = {
  script: (value) => {
    const holds = Array.isArray(value) || typeof value === 'function';
    return holds ? undefined : 'a list of answers or a function';
  },
  port: (value) => {
    const holds = isWhole(value, 0) && value <= 65_535;
    return holds ? undefined : 'a whole number from 0 to 65535';
  },
  key: text,
  model: text,
  strictness: oneOf('moonshot', 'gateway', 'lenient'),
  emptyReasoning: oneOf('reject', 'accept'),
  faults: (value) => (Array.isArray(value) ? undefined : 'a list'),
  seed: wholeOf(0),
  cutBytes: wholeOf(1),
  pieceDelayMs: (value) => {
    const holds = typeof value === 'number' && value >= 0 && value <= mostMs;
    return holds ? undefined : `a number from 0 to ${mostMs}`;
  },
  log: text,
  errorBody: oneOf('gateway', 'moonshot'),
  maxBodyBytes: wholeOf(1),
  keepBodies: wholeOf(0),
  onRequest: (value) => (typeof value === 'function' ? undefined : 'a function'),
};

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? undefined : 'a text that is not empty';
}

function wholeOf(least: number): Check {
  return (value) => (isWhole(value, least) ? undefined : `a whole number of at least ${least}`);
}

function isWhole(value: unknown, least: number): value is number {
  return Number.isInteger(value) && Number(value) >= least;
}

function oneOf(...known: readonly string[]): Check {
  const quoted = known.map((value) => `"${value}"`);
  const words = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
  return (value) => (known.some((one) => one === value) ? undefined : words);
}
