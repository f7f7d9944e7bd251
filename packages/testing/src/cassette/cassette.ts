// cassette/ owns what a model's endpoint said, kept in a file and played again at the wire. It does not own what an agent does with it, or
// what its tools do: they run.

import { checkOptions, ThroughlineError } from '@throughline/core';
import type { Session, SessionLog } from '@throughline/core';
import { toAsked } from './asked.ts';
import type { Asked } from './asked.ts';
import { canonical, shapeOf, toolsGone } from './canonical.ts';
import type { CassetteMatch } from './canonical.ts';
import { firstDifference, nearest } from './difference.ts';
import type { RecordedExchange, RecordedRequest } from './exchange.ts';
import { fromSession } from './from-session.ts';
import type { FromSessionOptions } from './from-session.ts';
import { modeOf } from './mode.ts';
import type { CassetteMode } from './mode.ts';
import { record } from './record.ts';
import type { Fetch } from './record.ts';
import { replay } from './replay.ts';
import { toPatterns } from './redact.ts';
import { checkWritable, readTape, writeTape } from './tape-file.ts';
import { trouble } from './trouble.ts';

export interface CassetteOptions {
  /** Default: `THROUGHLINE_CASSETTES` from the environment, else `replay`. In CI `auto` is `replay`. */
  readonly mode?: CassetteMode | undefined;
  /**
   * How a request finds its recording. `body` (the default): by its whole body, whatever the order of its keys. `shape`: where no body is the
   * same, by the roles and the called tools of its messages, for a prompt that changes from run to run. All tools that were offered must be.
   */
  readonly match?: CassetteMatch | undefined;
  /** 0 (the default) plays a recording as fast as it is read; 1 at the times at which it came. */
  readonly speed?: 0 | 1 | undefined;
  /**
   * What else must not be kept: texts as they stand, and patterns with the flag `g`. Each sign of them becomes a star, in requests and in
   * responses, also where a stream tells them piece by piece. A request is compared as it comes out of this.
   */
  readonly redact?: readonly (string | RegExp)[] | undefined;
  /** Asks the endpoint where there is something to record. Default: the platform's `fetch`. */
  readonly fetch?: Fetch | undefined;
}

/** A `fetch` that plays what was recorded. */
export interface Cassette {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  readonly mode: CassetteMode;
  /** The recorded requests that nobody has asked for, in order, each in a few words. */
  readonly unused: readonly string[];
  /**
   * Throws where a recorded request was not asked for: the program does less than it did. Where it records, throws if a response was
   * not read to its end, since that is not in the file. To be called at the end of a test.
   */
  assertAllUsed(): void;
}

/**
 * A `fetch` over a file of recorded requests and their responses, for `anyfast({ fetch: cassette(file) })` or any other client. A response is
 * played byte for byte, in the recorded pieces; errors, broken streams and silences are played as such. Each recording is played once, in the
 * order of the file among those of the same request. No header of a request is written, and the key nowhere, however the endpoint tells it.
 *
 * Throws at once: a `ModelError` of the code `cassette` where the file is missing, damaged or no cassette, and `invalid_option`. A request that
 * was not recorded rejects with a `ModelError` of that code, which names the nearest one and the first difference.
 */
export function cassette(file: string, options: CassetteOptions = {}): Cassette {
  checkOptions('cassette()', options, known);
  checkValues(options);
  const tape = new Tape(file, options);
  const asFetch = (input: string | URL | Request, init?: RequestInit) => tape.fetch(input, init);
  return Object.defineProperties(asFetch, {
    mode: { value: tape.mode, enumerable: true },
    unused: { get: () => tape.unused, enumerable: true },
    assertAllUsed: { value: () => tape.assertAllUsed() },
  }) as Cassette;
}

/**
 * Writes a cassette of what a session has stored, so that a run of production becomes a test: `await cassette.fromSession(file, session,
 * { body: anyfast.body })`. An answer is played in one piece for each of its parts, since a session keeps no pieces; what was asked in vain before it, and
 * a summary that a model wrote for a compaction, are not stored and so not played.
 */
cassette.fromSession = (
  file: string,
  session: Session | SessionLog,
  options: FromSessionOptions,
): Promise<void> => fromSession(file, session, options);

const known: Readonly<Record<keyof CassetteOptions, true>> = {
  mode: true,
  match: true,
  speed: true,
  redact: true,
  fetch: true,
};

function checkValues({ match, speed, fetch }: CassetteOptions): void {
  const wrong =
    match !== undefined && match !== 'body' && match !== 'shape'
      ? `match is ${JSON.stringify(match)}, but it must be "body" or "shape"`
      : speed !== undefined && speed !== 0 && speed !== 1
        ? `speed is ${JSON.stringify(speed)}, but it must be 0 or 1`
        : fetch !== undefined && typeof fetch !== 'function'
          ? 'fetch must be a function'
          : undefined;
  if (wrong !== undefined) throw new ThroughlineError('invalid_option', `cassette(): ${wrong}.`);
}

/** A recording in the file, or one that is being made. */
class Entry {
  readonly request: RecordedRequest;
  exchange: RecordedExchange | undefined;
  used: boolean;
  readonly #told = new Map<(request: RecordedRequest) => string, string>();

  constructor(request: RecordedRequest, exchange?: RecordedExchange) {
    this.request = request;
    this.exchange = exchange;
    this.used = exchange === undefined;
  }

  /** What a way of matching makes of it, made once. */
  as(how: (request: RecordedRequest) => string): string {
    const told = this.#told.get(how) ?? how(this.request);
    this.#told.set(how, told);
    return told;
  }
}

class Tape {
  readonly mode: CassetteMode;
  readonly #file: string;
  readonly #match: CassetteMatch;
  readonly #speed: 0 | 1;
  readonly #unwanted: readonly RegExp[];
  readonly #fetch: Fetch;
  readonly #entries: Entry[];
  /** Why the file could not be written. A reader that has left hears no error, so it is told wherever it can be. */
  #failure: { readonly error: unknown } | undefined;

  constructor(file: string, options: CassetteOptions) {
    const { match = 'body', speed = 0, redact } = options;
    this.mode = modeOf(options.mode);
    this.#file = file;
    this.#match = match;
    this.#speed = speed;
    this.#unwanted = toPatterns('cassette()', redact);
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
    const recorded = readTape(file);
    if (recorded === undefined && this.mode === 'replay') {
      throw trouble(`There is no cassette ${file}. ${howToRecord}`);
    }
    const kept = this.mode === 'record' ? [] : (recorded ?? []);
    this.#entries = kept.map((exchange) => new Entry(exchange.request, exchange));
  }

  get unused(): readonly string[] {
    return this.#entries.filter(({ used }) => !used).map((entry) => this.#nameOf(entry));
  }

  assertAllUsed(): void {
    this.#throwFailure();
    const open = this.#entries.filter(({ exchange }) => exchange === undefined);
    if (open.length > 0) {
      const names = open.map((entry) => this.#nameOf(entry)).join('; ');
      throw trouble(`Not recorded in ${this.#file}, since nobody has read its end: ${names}.`);
    }
    const { unused } = this;
    if (unused.length === 0) return;
    throw trouble(
      `${unused.length} of ${this.#entries.length} recorded requests of ${this.#file} were not asked for: ${unused.join('; ')}. ${howToRecord}`,
    );
  }

  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const asked = await toAsked(input, init, this.#unwanted);
    asked.signal.throwIfAborted();
    this.#throwFailure();
    const entry = this.#find(asked);
    if (entry?.exchange !== undefined) {
      entry.used = true;
      return replay(entry.exchange, { signal: asked.signal, speed: this.#speed });
    }
    if (this.mode === 'replay') throw trouble(this.#miss(asked.request));
    return this.#record(asked);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #find({ request, plain }: Asked): Entry | undefined {
    if (this.mode === 'record') return undefined;
    const free = this.#entries.filter(({ used, exchange }) => !used && exchange !== undefined);
    const same = (how: (request: RecordedRequest) => string): readonly Entry[] => {
      const wanted = new Set([how(plain), how(request)]);
      return free.filter((entry) => wanted.has(entry.as(how)));
    };
    const [found] = same(canonical);
    if (found !== undefined || this.#match === 'body') return found;
    const offersAll = (entry: Entry) =>
      [plain, request].some((now) => toolsGone(entry.request, now).length === 0);
    return same(shapeOf).find(offersAll);
  }

  #record(asked: Asked): Promise<Response> {
    checkWritable(this.#file);
    const entry = new Entry(asked.request);
    this.#entries.push(entry);
    const keep = (exchange: RecordedExchange): void => {
      entry.exchange = exchange;
      const kept = this.#entries.flatMap(({ exchange }) => exchange ?? []);
      try {
        writeTape(this.#file, kept);
      } catch (error) {
        this.#failure = { error };
        throw error;
      }
    };
    return record(asked, this.#fetch, keep);
  }

  #miss(asked: RecordedRequest): string {
    const head = `${this.#file} has no recording of this request (${asked.method} ${asked.path}).`;
    const free = this.#entries.filter(({ used }) => !used);
    const near = nearest(asked, free) ?? nearest(asked, this.#entries);
    if (near === undefined) return `${head} It has none at all. ${howToRecord}`;
    const [gone] = this.#match === 'shape' ? toolsGone(near.request, asked) : [];
    if (gone !== undefined) {
      return `${head} The tool "${gone}" was offered in the recording, and is not now. ${howToRecord}`;
    }
    const differs = firstDifference(near.request, asked);
    const name = this.#nameOf(near);
    if (differs === undefined) {
      return `${head} The same request was recorded (${name}) and was played already: it is asked once more than it was recorded. ${howToRecord}`;
    }
    const { path, recorded, asked: now } = differs;
    const dated = [recorded, now].every((value) => dates.test(value)) ? ` ${dateAdvice}` : '';
    return `${head} The nearest is ${name}. They first differ at ${path}: recorded ${recorded}, asked ${now}.${dated} ${howToRecord}`;
  }

  #nameOf(entry: Entry): string {
    const { method, path } = entry.request;
    return `request ${this.#entries.indexOf(entry) + 1} of ${this.#entries.length}, ${method} ${path}`;
  }
}

const howToRecord =
  'Record it with THROUGHLINE_CASSETTES=record, or what is missing with THROUGHLINE_CASSETTES=auto.';
const dates = /\d{4}-\d\d-\d\d|\d\d:\d\d/;
const dateAdvice =
  'A date or a time in a prompt is another one each day: pass it in, strike it out with redact, or use match: "shape".';
