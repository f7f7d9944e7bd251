import { defaultScript } from './default-script.ts';
import type { FaultUse } from './fault-plan.ts';
import type { Strictness } from './gateway.ts';
import type { RecordedRequest } from './record.ts';
import type { ErrorBody } from './refusal.ts';
import type { Script } from './scripted-answer.ts';

/** How the simulator behaves. All are optional; what is left out is as said at each. */
export interface SimulatorOptions {
  /** What the model says; default: a model that says in plain words that it is scripted. */
  readonly script?: Script | undefined;
  /** Default 0: any free one. It listens on 127.0.0.1 only. */
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
  /** How many of the latest requests keep their bodies, for long runs; default: all. */
  readonly keepBodies?: number | undefined;
  /** Called when a request has ended. */
  readonly onRequest?: ((request: RecordedRequest) => void) | undefined;
}

/** The options with every default filled in. */
export interface Settings {
  readonly script: Script;
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
