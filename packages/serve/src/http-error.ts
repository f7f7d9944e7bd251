import { ThroughlineError } from '@throughline/core';
import type { ErrorCode } from '@throughline/core';

/** A request that is answered with a status and `{ error: { code, message } }`. The message is for the client: it holds nothing secret. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    {
      code,
      message,
      headers = {},
    }: { code: string; message: string; headers?: HttpError['headers'] },
  ) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The answer to a request that failed. Rethrows what no client can mend, so that the host hears of it. */
export function errorResponse(thrown: unknown): Response {
  const error = thrown instanceof HttpError ? thrown : translated(thrown);
  if (error === undefined) throw thrown;
  const { status, code, message } = error;
  return Response.json(
    { error: { code, message } },
    { status, headers: { ...error.headers, 'cache-control': 'no-store' } },
  );
}

/** What a client is told of a run that failed: the code says it, the words of the error may name files and hosts. */
export function failureWords(code: string): string {
  return `The run failed: ${code}.`;
}

/** Core's own words may name a process or a file, so the client reads other ones. */
function translated(thrown: unknown): HttpError | undefined {
  if (!(thrown instanceof ThroughlineError)) return undefined;
  const known = words[thrown.code];
  if (known === undefined) return undefined;
  const [status, message] = known;
  return new HttpError(status, { code: thrown.code, message });
}

const words: Partial<Record<ErrorCode, readonly [status: number, message: string]>> = {
  session_busy: [
    409,
    'A run is under way in this session. Wait for its end, or resume its stream.',
  ],
  session_locked: [409, 'This session is open elsewhere. Try again later.'],
  unfinished_run: [
    409,
    'The last run of this session has not ended: calls wait for a decision, or it was cut. Decide the calls or resume the run first.',
  ],
  nothing_to_resume: [409, 'The last run of this session has ended: there is nothing to resume.'],
  not_pending: [
    409,
    'No call waits under the id that a decision names. It may be decided already.',
  ],
  invalid_decision: [
    400,
    'A decision is { approve: true }, { refuse: "why" } or, where the host allows it, { result: … }.',
  ],
  invalid_input: [400, 'What was sent cannot be given to the model.'],
};
