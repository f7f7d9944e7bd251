import type { FaultUse } from './fault/plan.ts';
import type { Strictness } from './rules/gateway.ts';
import { checkScript, mostMs } from './script/check.ts';
import { defaultScript } from './script/default-script.ts';
import type { Script } from './script/scripted-answer.ts';
import { shown } from './wire/json.ts';
import type { RecordedRequest } from './wire/recorded-request.ts';
import type { ErrorBody } from './wire/refusal.ts';

/** How the simulator behaves. All are optional; what is left out is as said at each. */
export interface SimulatorOptions {
  /** What the model says; default: a model that says in plain words that it is scripted. */
  readonly script?: Script | undefined;
  /**
   * The name or address to listen on; default `127.0.0.1`, which no other machine can reach. Any other address lets
   * other machines ask.
   */
  readonly host?: string | undefined;
  /** Whether a list of answers starts again at its end, so that a program can run twice. Default false. */
  readonly loop?: boolean | undefined;
  /** Default 0: any free one. */
  readonly port?: number | undefined;
  /** The bearer key that is accepted; default `simulator-key`. */
  readonly key?: string | undefined;
  /** The only model that is known; default `kimi-k2.6`. */
  readonly model?: string | undefined;
  /** What is refused: all that Moonshot refuses (the default), what the gateway does, or next to nothing. */
  readonly strictness?: Strictness | undefined;
  /** Whether `reasoning_content: ""` counts as missing; default `reject`. */
  readonly emptyReasoning?: 'reject' | 'accept' | undefined;
  /** Faults to fire, once each by default, each at the first requests it fits. */
  readonly faults?: readonly FaultUse[] | undefined;
  /** For probabilities: the same seed and requests, the same run. Default 1. */
  readonly seed?: number | undefined;
  /** Writes every body in pieces of so many bytes, each its own socket write. */
  readonly cutBytes?: number | undefined;
  /** Wait between the chunks of a stream, in ms; default 0. */
  readonly pieceDelayMs?: number | undefined;
  /** Path of a request log: one JSON object a line, appended as each request ends. */
  readonly log?: string | undefined;
  /** How upstream errors look: relayed by a gateway (the default), or Moonshot's own. */
  readonly errorBody?: ErrorBody | undefined;
  /** The largest body that is read; beyond it is a 413. Default 100 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** How many of the requests that ended last keep their bodies; default 1,000. All together keep 256 Mi characters. */
  readonly keepBodies?: number | undefined;
  /** Called when a request has ended. */
  readonly onRequest?: ((request: RecordedRequest) => void) | undefined;
}

/** The options with every default filled in. */
export interface Settings {
  readonly script: Script;
  readonly loop: boolean;
  readonly host: string;
  readonly port: number;
  readonly key: string;
  readonly model: string;
  readonly strictness: Strictness;
  readonly emptyReasoning: 'reject' | 'accept';
  readonly faults: readonly FaultUse[];
  readonly seed: number;
  readonly cutBytes: number | undefined;
  readonly pieceDelayMs: number;
  readonly errorBody: ErrorBody;
  readonly maxBodyBytes: number;
}

/** Fills in the defaults of options that were checked. */
export function settle(options: SimulatorOptions): Settings {
  return {
    script: options.script ?? defaultScript,
    loop: options.loop ?? false,
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    key: options.key ?? 'simulator-key',
    model: options.model ?? 'kimi-k2.6',
    strictness: options.strictness ?? 'moonshot',
    emptyReasoning: options.emptyReasoning ?? 'reject',
    faults: options.faults ?? [],
    seed: options.seed ?? 1,
    cutBytes: options.cutBytes,
    pieceDelayMs: options.pieceDelayMs ?? 0,
    errorBody: options.errorBody ?? 'gateway',
    maxBodyBytes: options.maxBodyBytes ?? 100 * 1024 * 1024,
  };
}
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
  if (options.loop === true && !Array.isArray(options.script)) {
    throw new TypeError('loop needs a script that is a list of answers; a function has no end.');
  }
}
/** Says what a value must be, if it is not. */
type Check = (value: unknown) => string | undefined;
const checks: Readonly<Record<keyof SimulatorOptions, Check>> = {
  script: (value) => {
    const holds = Array.isArray(value) || typeof value === 'function';
    return holds ? undefined : 'a list of answers or a function';
  },
  loop: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
  host: text,
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
