import type { ContentPart, Decision, Run, RunEvent, UserMessage } from '@throughline/core';
import { checkOptions, ThroughlineError } from '@throughline/core';
import { AgUiEvents } from './ag-ui-events.ts';
import type { AgUiEvent, AgUiIds } from './ag-ui-events.ts';
import { decisionsOn } from './decisions.ts';
import type { Said } from './decisions.ts';
import { LiveRun } from './live-run.ts';
import { postedImage, postedMessage } from './posted-message.ts';
import { badRequest, checkMethod, isFields, jsonBody, sessionIdIn } from './request-body.ts';
import type { Fields } from './request-body.ts';
import type { ServedRuns, WebHandler } from './served-runs.ts';
import { streamResponse } from './stream-response.ts';
import type { StreamOptions, Wire } from './stream-response.ts';
import { WholeSteps } from './whole-steps.ts';

export interface AgUiOptions {
  /** `step` shows a step only once its answer is whole, so nothing shown is ever void. Default: `none`. */
  readonly buffer?: 'none' | 'step';
}

/**
 * Serves runs to clients of AG-UI 1.0 (`HttpAgent`). `POST` takes a `RunAgentInput`. Its `threadId` names the session. Of `messages` only the
 * last one counts, a user's; `resume` decides calls. `state`, `context` and the client's own `tools` are not read.
 */
export function agUi<Context>(runs: ServedRuns<Context>, options: AgUiOptions = {}): WebHandler {
  checkAgUiOptions('agUi()', options);
  return (request) =>
    runs.respond(async () => {
      checkMethod(request, ['POST']);
      const body = await jsonBody(request, runs.maxBodyBytes);
      const ids = {
        threadId: sessionIdIn(body['threadId'], 'threadId'),
        runId: sessionIdIn(body['runId'], 'runId'),
      };
      const said = saidIn(body['resume']);
      const input = said.length > 0 ? undefined : inputIn(body['messages']);
      const admitted = await runs.admit(request, ids.threadId);
      const { live, reader } = await runs.begin(admitted, ({ pending }) =>
        input === undefined ? { decisions: decisionsOn(pending, said, runs) } : { input: [input] },
      );
      const { keepAliveMs } = runs;
      return streamResponse(reader, agUiWire(live.run.id, ids, options), {
        keepAliveMs,
        signal: request.signal,
      });
    });
}

/** A run that the host has started, as AG-UI. The run is aborted when the client leaves. */
export function agUiResponse(
  run: Run<unknown>,
  ids: AgUiIds,
  options: AgUiOptions & Partial<StreamOptions> = {},
): Response {
  const { keepAliveMs = 15_000, signal, headers, ...shape } = options;
  checkAgUiOptions('agUiResponse()', shape);
  const live = new LiveRun({ run, whenLeft: 'abort' });
  const how = { keepAliveMs, ...(signal && { signal }), ...(headers && { headers }) };
  return streamResponse(live.read(), agUiWire(run.id, ids, shape), how);
}

/** Lines end with LF, and nothing marks the end: the client takes neither CRLF nor `[DONE]`. */
function agUiWire(runId: string, ids: AgUiIds, { buffer = 'none' }: AgUiOptions): Wire {
  const events = new AgUiEvents(runId, ids);
  const whole = new WholeSteps({ keep: buffer === 'step' ? 'all' : 'calls' });
  const written = (list: readonly AgUiEvent[]) =>
    list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
  return {
    begin: () => written(events.begin()),
    take: ({ event }) => written(whole.take(event).flatMap((one: RunEvent) => events.take(one))),
    end: () => '',
  };
}

function saidIn(resume: unknown): readonly Said[] {
  if (resume === undefined) return [];
  if (!Array.isArray(resume)) throw badRequest('resume must be a list.');
  return resume.map((entry: unknown) => {
    const { interruptId: id, status, payload } = isFields(entry) ? entry : ({} as Fields);
    if (typeof id !== 'string') throw badRequest('An entry of resume needs an interruptId.');
    return { id, decision: decisionIn(status, payload) };
  });
}

function decisionIn(status: unknown, payload: unknown): Decision {
  if (status === 'cancelled') return { refuse: 'The request for approval was cancelled.' };
  const { approved, reason, result } = isFields(payload) ? payload : ({} as Fields);
  if (status === 'resolved') {
    if (result !== undefined && approved === undefined) return { result } as Decision;
    if (approved === true) return { approve: true };
    if (approved === false) return { refuse: typeof reason === 'string' ? reason : '' };
  }
  throw badRequest(
    'An entry of resume is { interruptId, status: "resolved", payload: { approved: true } }, or cancelled.',
  );
}

function inputIn(messages: unknown): UserMessage {
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  if (!isFields(last) || last['role'] !== 'user') {
    throw badRequest(
      "messages must be a list whose last message is a user's, or resume must decide calls.",
    );
  }
  const { content } = last;
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  if (!Array.isArray(parts)) throw badRequest('The content of a message must be a text or a list.');
  return postedMessage(parts.map((part: unknown) => partOf(isFields(part) ? part : {})));
}

function partOf({ type, text, source }: Fields): ContentPart {
  if (type === 'text' && typeof text === 'string') return { type, text };
  const { value, mimeType } =
    isFields(source) && source['type'] === 'data' ? source : ({} as Fields);
  return postedImage(
    type === 'image' ? `data:${String(mimeType)};base64,${String(value)}` : undefined,
  );
}

function checkAgUiOptions(where: string, options: AgUiOptions): void {
  checkOptions(where, options, { buffer: true });
  if (['none', 'step', undefined].includes(options.buffer)) return;
  throw new ThroughlineError('invalid_option', `${where}: buffer must be "none" or "step".`);
}
