import type { Run, RunEvent, Session } from '@throughline/core';
import { checkOptions, ThroughlineError } from '@throughline/core';
import { AiSdkChunks } from './ai-sdk-chunks.ts';
import type { Chunk, Dialect } from './ai-sdk-chunks.ts';
import { readAiSdkBody } from './ai-sdk-body.ts';
import { decisionsOn } from './decisions.ts';
import { LiveRun } from './live-run.ts';
import { badRequest, checkMethod, jsonBody, sessionIdIn } from './request-body.ts';
import type { Ask, ServedRuns, WebHandler } from './served-runs.ts';
import { streamResponse } from './stream-response.ts';
import type { StreamOptions, Wire } from './stream-response.ts';
import { linesOf } from './session-lines.ts';
import { callIdIn } from './shown-call.ts';
import { WholeSteps } from './whole-steps.ts';

export interface AiSdkOptions {
  /** Default: `v6`, which versions 6 and 7 of the AI SDK both take. */
  readonly dialect?: Dialect;
  /** `step` shows a step only once its answer is whole, so nothing shown is ever void. Default: `none`. */
  readonly buffer?: 'none' | 'step';
}

/**
 * Serves runs to the chat of the AI SDK (`useChat`, `DefaultChatTransport`) as a UI message stream.
 *
 * - `POST` takes the body that the chat sends. Its `id` names the session. Of `messages` only the last one counts, and of that only a
 *   user's text and images, or the answers to approval requests: the session is the history.
 * - `GET …/{id}/stream` gives the run under way in this process from its start on; 204 where there is none.
 */
export function aiSdk<Context>(runs: ServedRuns<Context>, options: AiSdkOptions = {}): WebHandler {
  checkAiSdkOptions('aiSdk()', options);
  return (request) =>
    runs.respond(async () => {
      checkMethod(request, ['GET', 'POST']);
      if (request.method === 'GET') return comeBack(request, runs, options);
      const body = readAiSdkBody(await jsonBody(request, runs.maxBodyBytes));
      const admitted = await runs.admit(request, body.id);
      const { live, reader } = await runs.begin(admitted, (session) => askIn(body, session, runs));
      const { keepAliveMs } = runs;
      return streamResponse(reader, chunkWire(live.run.id, options), {
        headers,
        keepAliveMs,
        signal: request.signal,
      });
    });
}

/** A run that the host has started, as a UI message stream. The run is aborted when the client leaves. */
export function aiSdkResponse(
  run: Run<unknown>,
  options: AiSdkOptions & Partial<StreamOptions> = {},
): Response {
  const { keepAliveMs = 15_000, signal, headers: more, ...shape } = options;
  checkAiSdkOptions('aiSdkResponse()', shape);
  const live = new LiveRun({ run, whenLeft: 'abort' });
  const how = { headers: { ...headers, ...more }, keepAliveMs, ...(signal && { signal }) };
  return streamResponse(live.read(), chunkWire(run.id, shape), how);
}

const headers = { 'x-vercel-ai-ui-message-stream': 'v1' };

async function comeBack<Context>(
  request: Request,
  runs: ServedRuns<Context>,
  options: AiSdkOptions,
): Promise<Response> {
  const path = /\/([^/]+)\/stream\/?$/.exec(new URL(request.url).pathname)?.[1];
  if (path === undefined)
    throw badRequest('The address to resume a stream ends in /{chat id}/stream.');
  const { session } = await runs.admit(request, sessionIdIn(decoded(path), 'The chat id'));
  const live = runs.live(session);
  if (live === undefined) return new Response(null, { status: 204 });
  const { id } = live.run;
  const ofRun = (open: Session, upTo: number) =>
    linesOf(open.log.read(), { upTo, max: Infinity }, ({ runId, event }) => {
      return runId === id && event.type !== 'run.end'; // where it stopped before, it went on
    });
  const how = { headers, keepAliveMs: runs.keepAliveMs, signal: request.signal };
  return streamResponse(await live.join(ofRun), chunkWire(id, options), how);
}

function askIn<Context>(
  { said, answered, input }: ReturnType<typeof readAiSdkBody>,
  session: Session,
  runs: ServedRuns<Context>,
): Ask {
  if (input !== undefined) return { input: [input] };
  const results = session.pending.flatMap((call) => {
    const [runId = ''] = call.runId.split('/'); // of an agent inside a call: the place of that call behind it
    const result = answered.get(callIdIn(runId, call));
    return result === undefined ? [] : [{ id: call.id, decision: { result } }];
  });
  const waiting = new Set(session.pending.map(({ id }) => id));
  // What was decided before stays in the message that the client posts.
  const decisions = [...said.filter(({ id }) => waiting.has(id)), ...results];
  if (decisions.length > 0) return { decisions: decisionsOn(session.pending, decisions, runs) };
  throw new ThroughlineError('not_pending', 'No posted decision names a call that waits.');
}

function chunkWire(runId: string, { dialect = 'v6', buffer = 'none' }: AiSdkOptions): Wire {
  const chunks = new AiSdkChunks(runId, dialect);
  const whole = buffer === 'step' ? new WholeSteps({ keep: 'all' }) : undefined;
  const shown = (event: RunEvent) => whole?.take(event) ?? [event];
  return {
    begin: () => written(chunks.begin()),
    take: ({ event }) => written(shown(event).flatMap((one) => chunks.take(one))),
    end: () => 'data: [DONE]\n\n',
  };
}

function written(chunks: readonly Chunk[]): string {
  return chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest('The chat id is not well encoded.');
  }
}

function checkAiSdkOptions(where: string, options: AiSdkOptions): void {
  checkOptions(where, options, { dialect: true, buffer: true });
  const { dialect = 'v6', buffer = 'none' } = options;
  if (!['v6', 'v7'].includes(dialect)) throw unfit(where, 'dialect must be "v6" or "v7"');
  if (!['none', 'step'].includes(buffer)) throw unfit(where, 'buffer must be "none" or "step"');
}

function unfit(where: string, words: string): ThroughlineError {
  return new ThroughlineError('invalid_option', `${where}: ${words}.`);
}
