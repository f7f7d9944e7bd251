import { createHash } from 'node:crypto';
import { requestOf, ThroughlineError } from '@throughline/core';
import type { RecordedEvent, RecordedRequest, StepOfRun } from '@throughline/core';
import { structuredPatch } from 'diff';
import type { RequestAnswer } from './shown.ts';
import type { LineSource } from './stored.ts';

/** The bytes that a transport sends for a request: `({ model, request }) => anyfast.body(model, request)`. */
export type BodyOf = (recorded: RecordedRequest) => Promise<Uint8Array>;

/** Which step, and how its bytes are made. */
export interface AskedStep {
  readonly session: string;
  readonly runId: string;
  readonly step: number;
  readonly body: BodyOf | undefined;
}

/** So many lines of a difference travel to the page, of so many characters each. */
const mostLines = 2_000;
const mostChars = 4_000;
/** A request with more differing lines than this is shown as replaced. */
const mostEdits = 4_000;

/** The request of a step, rebuilt from the session's lines. Without a `body` it is what the transport was given, as JSON. */
export async function requestBytes(source: LineSource, asked: AskedStep): Promise<Uint8Array> {
  const recorded = requestOf(await eventsOf(source, asked.session), asked);
  return bytesOf(recorded, asked.body);
}

/** A step's request in figures, and its difference from the one before of the same run, or of the run before. */
export async function compareRequests(
  source: LineSource,
  asked: AskedStep,
): Promise<RequestAnswer> {
  const events = await eventsOf(source, asked.session);
  const recorded = requestOf(events, asked);
  const bytes = await bytesOf(recorded, asked.body);
  const previous = stepBefore(events, asked);
  const before = previous === undefined ? undefined : rebuilt(events, previous);
  const old = before === undefined ? '' : readable(await bytesOf(before, asked.body));
  const lines = differenceOf(old, readable(bytes));
  return {
    exact: asked.body !== undefined,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    messages: recorded.request.messages.length,
    tools: recorded.request.tools.length,
    ...(before === undefined || previous === undefined ? {} : { previous }),
    diff: lines.slice(0, mostLines).map(cut),
    left: Math.max(0, lines.length - mostLines),
  };
}

async function eventsOf(source: LineSource, id: string): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const { lines } of source.tail(id)) events.push(...lines.map(({ event }) => event));
  return events;
}

async function bytesOf(recorded: RecordedRequest, body: BodyOf | undefined): Promise<Uint8Array> {
  return (
    (await body?.(recorded)) ??
    Buffer.from(JSON.stringify({ model: recorded.model, ...recorded.request }))
  );
}

/** The answer before: of the same run where it is an agent's inside a call, else of any run of the session. */
function stepBefore(
  events: readonly RecordedEvent[],
  { runId, step }: AskedStep,
): StepOfRun | undefined {
  const isInside = (id: string) => /\/\d+\/call\/\d+$/.test(id);
  const answers = events.flatMap((event) => {
    const counts = isInside(runId) ? event.runId === runId : !isInside(event.runId);
    return event.type === 'answer' && counts ? [{ runId: event.runId, step: event.step }] : [];
  });
  return answers[answers.findIndex((one) => one.runId === runId && one.step === step) - 1];
}

/** A step of an older release may have no request: then there is nothing to compare with. */
function rebuilt(events: readonly RecordedEvent[], at: StepOfRun) {
  try {
    return requestOf(events, at);
  } catch (error) {
    if (error instanceof ThroughlineError && error.code === 'not_recorded') return undefined;
    throw error;
  }
}

function readable(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // another transport may send what is not JSON
  }
}

function differenceOf(old: string, now: string): readonly string[] {
  const patch = structuredPatch('', '', old, now, '', '', { context: 2, maxEditLength: mostEdits });
  if (patch === undefined) return now.split('\n').map((line) => `+${line}`);
  return patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines.filter((line) => !line.startsWith('\\')),
  ]);
}

function cut(line: string): string {
  return line.length <= mostChars
    ? line
    : `${line.slice(0, mostChars)}… (${line.length - mostChars} characters more)`;
}
