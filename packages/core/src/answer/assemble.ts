import { ModelError } from '../base/error.ts';
import type { AnswerGiven, EventSink } from '../base/event.ts';
import type { AssistantMessage, ToolCall } from '../base/message.ts';
import type { FinishReason, ModelPart, Usage } from '../base/model.ts';
import { readArguments } from './arguments.ts';
import type { Writable } from '../base/writable.ts';

/** One call while it is written. */
export interface GrowingCall {
  id: string;
  name: string;
  arguments: string;
  /** It stood in the answer's text. */
  leaked?: true;
  /** Why it must not run, as the transport knows. */
  doubt?: string;
}

/** Where an answer belongs and who hears of it while it grows. */
export interface AnswerScope {
  readonly runId: string;
  readonly step: number;
  readonly sink: EventSink;
  readonly signal: AbortSignal;
  /** More than so many characters of reasoning are thinking without end. */
  readonly reasoningChars?: number;
  /** An answer with more calls is not taken. Default: `mostCalls`. */
  readonly callsPerAnswer?: number | undefined;
  /** A call has grown by a piece. */
  readonly onGrown?: (call: GrowingCall) => void;
  /** A call has been followed by another one, or by the end: most likely it is whole. */
  readonly onClosed?: (index: number, call: GrowingCall) => void;
  /** The first part has come: from here on the transport does not ask again by itself. */
  readonly onBegun?: () => void;
  /** The endpoint has told what the answer cost, be it whole or not. */
  readonly onUsage?: (usage: Usage) => void;
}

/** What an answer tells of itself, as it is recorded. */
export type Told = Pick<
  AnswerGiven,
  'message' | 'finishReason' | 'mended' | 'doubts' | 'broken' | 'leaked' | 'response'
>;

/** What an answer came to, and whether it may be cut short. */
export interface Assembled {
  readonly told: Told;
  readonly usage: Usage | undefined;
  readonly unsure: boolean;
}

/** No model makes so many calls on purpose; each costs a result in the history, and events. */
export const mostCalls = 256;

/** From the least grave: what was said of a cut or a filter stands, whatever is said after it. */
const gravity: readonly FinishReason[] = ['stop', 'tool_calls', 'length', 'content_filter'];

interface Draft {
  reasoning: string;
  reasoningKey: 'reasoning_content' | 'reasoning';
  text: string;
  readonly calls: Map<number, GrowingCall>;
  open: number | undefined;
  /** A call went on after another one had begun, so that none is closed by the next. */
  interleaved: boolean;
  usage: Usage | undefined;
  response: AnswerGiven['response'];
  finish: FinishReason | undefined;
  unsure: boolean;
}

/**
 * Folds the parts of one answer into a message and tells of them on the way. Throws
 * `ModelError('incomplete_answer')` when the parts end without a finish.
 */
export async function assemble(
  batches: AsyncIterable<readonly ModelPart[]>,
  scope: AnswerScope,
): Promise<Assembled> {
  const draft: Draft = {
    reasoning: '',
    reasoningKey: 'reasoning_content',
    text: '',
    calls: new Map(),
    open: undefined,
    interleaved: false,
    usage: undefined,
    response: undefined,
    finish: undefined,
    unsure: false,
  };
  for await (const batch of batches) {
    scope.signal.throwIfAborted();
    if (batch.length > 0) scope.onBegun?.();
    const deltas = new Deltas(scope);
    for (const part of batch) {
      deltas.next(part);
      add(draft, part, scope);
    }
    deltas.end();
    if (draft.reasoning.length > (scope.reasoningChars ?? Number.POSITIVE_INFINITY)) {
      throw endless(draft.reasoning.length);
    }
  }
  return finish(draft, scope);
}

function endless(characters: number): ModelError {
  return new ModelError(
    'endless_reasoning',
    `The model wrote ${characters} characters of reasoning without coming to an end.`,
    { retryable: true },
  );
}

function add(draft: Draft, part: ModelPart, scope: AnswerScope): void {
  switch (part.type) {
    case 'reasoning':
      draft.reasoning += part.delta;
      if (part.key !== undefined) draft.reasoningKey = part.key;
      return;
    case 'text':
      draft.text += part.delta;
      return;
    case 'call':
      return addCall(draft, part, scope);
    case 'usage':
      draft.usage = part.usage;
      scope.onUsage?.(part.usage);
      return;
    case 'finish':
      draft.finish = graver(draft.finish, part.reason);
      draft.unsure ||= part.unsure ?? false;
      if (isWhole(draft)) close(draft, scope);
      return;
    case 'response': {
      const { type: _, ...response } = part;
      draft.response = response;
      return;
    }
    case 'warning':
      return scope.sink.emit({
        type: 'warning',
        runId: scope.runId,
        step: scope.step,
        message: part.message,
      });
  }
}

function addCall(draft: Draft, part: ModelPart & { type: 'call' }, scope: AnswerScope): void {
  let call = draft.calls.get(part.index);
  if (draft.open !== part.index) {
    if (call !== undefined) draft.interleaved = true;
    close(draft, scope);
  }
  draft.open = part.index;
  if (call === undefined) {
    const most = scope.callsPerAnswer ?? mostCalls;
    if (draft.calls.size >= most) throw tooManyCalls(most);
    call = { id: '', name: '', arguments: '' };
    draft.calls.set(part.index, call);
  }
  call.id ||= part.id ?? '';
  call.name ||= part.name ?? '';
  call.arguments += part.delta;
  if (part.leaked) call.leaked = true;
  if (part.doubt !== undefined) call.doubt ??= part.doubt;
  scope.onGrown?.(call);
  if (scope.sink.wants('call.delta')) {
    const { runId, step } = scope;
    const place = { call: part.index + 1, callId: call.id, name: call.name };
    scope.sink.emit({ type: 'call.delta', runId, step, ...place, delta: part.delta });
  }
}

function tooManyCalls(most: number): ModelError {
  return new ModelError(
    'answer_too_large',
    `The answer makes more than ${most} calls. None of them ran; maxCallsPerAnswer of the agent is the bound.`,
    { retryable: true },
  );
}

/** A model that invents a reason has said nothing of the answer's end. */
function graver(before: FinishReason | undefined, next: FinishReason): FinishReason | undefined {
  const rank = (reason: FinishReason | undefined) =>
    reason === undefined ? -1 : gravity.indexOf(reason);
  return rank(next) > rank(before) ? next : before;
}

/** Whether the endpoint said that the model had come to its end. */
function isWhole({ finish, unsure }: Draft): boolean {
  return (finish === 'stop' || finish === 'tool_calls') && !unsure;
}

function close(draft: Draft, scope: AnswerScope): void {
  if (draft.open === undefined) return;
  const call = draft.calls.get(draft.open);
  if (call !== undefined) scope.onClosed?.(draft.open, call);
  draft.open = undefined;
}

/** Tells the texts of one batch in order: one event for each unbroken stretch, however many parts it came in. */
class Deltas {
  readonly #scope: AnswerScope;
  #type: 'reasoning' | 'text' | undefined;
  #delta = '';

  constructor(scope: AnswerScope) {
    this.#scope = scope;
  }

  /** Before the part itself is taken, so that a call is not told before the thought that led to it. */
  next(part: ModelPart): void {
    const type = part.type === 'reasoning' || part.type === 'text' ? part.type : undefined;
    if (type !== this.#type) this.end();
    if (type === undefined || !this.#scope.sink.wants(`${type}.delta`)) return;
    this.#type = type;
    if (part.type === type) this.#delta += part.delta;
  }

  end(): void {
    const { runId, step, sink } = this.#scope;
    if (this.#type !== undefined && this.#delta !== '') {
      sink.emit({ type: `${this.#type}.delta`, runId, step, delta: this.#delta });
    }
    this.#type = undefined;
    this.#delta = '';
  }
}

function finish(draft: Draft, scope: AnswerScope): Assembled {
  if (draft.finish === undefined) {
    throw new ModelError('incomplete_answer', 'The answer broke off before its end.', {
      retryable: true,
    });
  }
  const mended: string[] = [];
  const doubts: Record<number, string> = {};
  const broken: Record<number, string> = {};
  const leaked: number[] = [];
  const growing = [...draft.calls].toSorted(([a], [b]) => a - b);
  const ids = new Set<string>();
  const calls = growing.map(([index, call], at): ToolCall => {
    const place = at + 1;
    if (call.leaked) leaked.push(place);
    const read = readArguments(call.arguments);
    const cut = cutOff(draft, index, call.arguments) ?? call.doubt;
    if (cut !== undefined) {
      doubts[place] = cut; // and nothing in `broken`: what did not come cannot be repaired
    } else if ('reason' in read) {
      doubts[place] = read.reason;
      broken[place] = call.arguments;
    } else if (read.mended !== undefined) {
      mended.push(`call ${place} (${call.name}): ${read.mended}`);
    }
    const id = freeId(call, ids);
    if (id !== call.id) mended.push(`call ${place} (${call.name}): its id became "${id}"`);
    // Broken JSON in a stored call would make some hosts refuse every later request.
    const text = 'reason' in read ? '{}' : read.text;
    return { id, type: 'function', function: { name: call.name, arguments: text } };
  });
  for (const what of mended) {
    const { runId, step } = scope;
    scope.sink.emit({ type: 'warning', runId, step, message: `Mended in ${what}.` });
  }
  const told: Writable<Told> = { message: toMessage(draft, calls), finishReason: draft.finish };
  if (draft.response !== undefined) told.response = draft.response;
  if (mended.length > 0) told.mended = mended;
  if (leaked.length > 0) told.leaked = leaked;
  if (Object.keys(doubts).length > 0) told.doubts = doubts;
  if (Object.keys(broken).length > 0) told.broken = broken;
  return { told, usage: draft.usage, unsure: draft.unsure };
}

/** Why a call may have been cut off while it was written, if it may. */
function cutOff(draft: Draft, index: number, text: string): string | undefined {
  if (draft.unsure) return 'the endpoint did not say that the answer was whole';
  if (draft.finish !== 'length') return undefined;
  return draft.open === index || draft.interleaved || text.trim() === ''
    ? 'the answer was cut at its token limit while this call was being written'
    : undefined;
}

/** The call's own id, unless it has none or another call of the answer has it: a result must find its call. */
function freeId({ id, name }: GrowingCall, taken: Set<string>): string {
  let free = id;
  for (let count = 0; free === '' || taken.has(free); count++) free = `${name}:${count}`;
  taken.add(free);
  return free;
}

function toMessage(draft: Draft, calls: readonly ToolCall[]): AssistantMessage {
  const message: Writable<AssistantMessage> = { role: 'assistant' };
  if (draft.text !== '') message.content = draft.text;
  if (draft.reasoning !== '') message[draft.reasoningKey] = draft.reasoning;
  if (calls.length > 0) message.tool_calls = calls;
  return message;
}
