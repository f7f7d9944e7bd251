import { checkOptions, requestOf, ThroughlineError } from '@throughline/core';
import type {
  AnswerGiven,
  ModelRequest,
  Session,
  SessionLine,
  SessionLog,
} from '@throughline/core';
import { answerBody, answerFrames } from './answer-stream.ts';
import { isObject, parsed } from './canonical.ts';
import type { Piece, RecordedExchange } from './exchange.ts';
import { secretsOf } from './secrets.ts';
import { strike } from './strike.ts';
import { toPatterns } from './redact.ts';
import { readTape, writeTape } from './tape-file.ts';
import { trouble } from './trouble.ts';

export interface FromSessionOptions {
  /**
   * The bytes that the transport sends for a request: `anyfast.body`, or `(model, request) => anyfast.body(model, request, options)` where the
   * model has options.
   */
  readonly body: (
    model: string,
    request: ModelRequest,
  ) => string | Uint8Array | Promise<string | Uint8Array>;
  /** Only the answers of this run. Default: those of all runs of the session. */
  readonly runId?: string | undefined;
  /** Where the requests go. Default: `/v1/chat/completions`, as at Anyfast. */
  readonly path?: string | undefined;
  /** As in `CassetteOptions`. */
  readonly redact?: readonly (string | RegExp)[] | undefined;
}

/**
 * Writes a cassette of the answers that a session has stored; the file is written anew. Rejects where there is none, and with `not_recorded`
 * where the log was written by a release that did not record how the model was asked.
 */
export async function fromSession(
  file: string,
  session: Session | SessionLog,
  options: FromSessionOptions,
): Promise<void> {
  checkOptions('cassette.fromSession()', options, known);
  readTape(file); // what is no cassette is not written over
  const { body, runId, path = '/v1/chat/completions', redact } = options;
  const patterns = toPatterns('cassette.fromSession()', redact);
  const unwanted = {
    secrets: secretsOf({ headers: new Headers(), query: new URLSearchParams(), body: {} }),
    patterns,
  };
  const safe = (text: string) => strike(text, unwanted);
  const log = 'log' in session ? session.log : session;
  const lines: SessionLine[] = [];
  for await (const batch of log.read()) lines.push(...batch);
  const events = lines.map(({ event }) => event);
  const exchanges: RecordedExchange[] = [];
  for (const { event, runId: of } of lines) {
    if (event.type !== 'answer' || (runId ?? of) !== of) continue;
    const { model, request } = requestOf(events, event);
    const bytes = await body(model, request);
    const text = typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes);
    exchanges.push(exchangeOf(event, { path, text, safe }));
  }
  if (exchanges.length > 0) return writeTape(file, exchanges);
  const of = runId === undefined ? '' : ` of the run "${runId}"`;
  throw trouble(`The session "${log.id}" has no answer${of} to make a cassette of.`);
}

const known: Readonly<Record<keyof FromSessionOptions, true>> = {
  body: true,
  runId: true,
  path: true,
  redact: true,
};

interface Request {
  readonly path: string;
  readonly text: string;
  readonly safe: (text: string) => string;
}

function exchangeOf(answer: AnswerGiven, { path, text, safe }: Request): RecordedExchange {
  const body = parsed(text);
  if (!isObject(body)) {
    const told = `body gave no JSON object for step ${answer.step}: ${JSON.stringify(text.slice(0, 60))}.`;
    throw new ThroughlineError('invalid_option', `cassette.fromSession(): ${told}`);
  }
  const streams = body['stream'] === true;
  const model = String(body['model']);
  const { firstPartMs, totalMs } = answer.timing;
  const whole = streams ? answerFrames(answer, model).join('') : answerBody(answer, model);
  const pieces: readonly Piece[] = (safe(whole).match(/[^]*?\n\n|[^]+$/g) ?? []).map((piece) => ({
    bytes: Buffer.from(piece),
    atMs: Math.round(firstPartMs),
  }));
  const type = streams ? 'text/event-stream' : 'application/json';
  return {
    request: { method: 'POST', path, body: safe(text) },
    response: {
      status: 200,
      headers: { 'content-type': type },
      atMs: Math.round(firstPartMs),
    },
    pieces,
    end: { how: 'whole', atMs: Math.round(totalMs) },
  };
}
