import { ModelError } from '../base/error.ts';
import type { ErrorCode } from '../base/error.ts';
import type { AssistantMessage, Message } from '../base/message.ts';
import type { Model, ModelPart, ModelRequest } from '../base/model.ts';

type ReasoningKey = 'reasoning' | 'reasoning_content';

/** One of the models, and what was seen of it. */
interface Candidate {
  readonly model: Model;
  /** How a message names it: two hosts may serve a model of one name. */
  readonly name: string;
  awayUntilMs: number;
  /** How many of its last answers in a row broke off after a part of them was shown. */
  breaks: number;
  /** Under which key it speaks its reasoning, once it has. */
  key?: ReasoningKey;
  /** Messages of others as they are sent to it, so that each is written once. */
  readonly renamed: WeakMap<Message, Message>;
}

/** Whose answer it is: the first model's, in order, that shows anything. Loaded with the first question. */
export class FirstThatAnswers {
  readonly #all: readonly Candidate[];
  readonly #awayMs: number;

  constructor(models: readonly Model[], awayMs: number) {
    this.#awayMs = awayMs;
    this.#all = models.map((model, at) => ({
      model,
      name: `model ${at + 1} of ${models.length} ("${model.id}")`,
      awayUntilMs: 0,
      breaks: 0,
      renamed: new WeakMap(),
    }));
  }

  async *parts(
    request: ModelRequest,
    signal: AbortSignal,
  ): AsyncGenerator<readonly ModelPart[], void> {
    const failures: { readonly name: string; readonly error: ModelError }[] = [];
    const queue = this.#inOrder();
    for (const [at, candidate] of queue.entries()) {
      const held: ModelPart[] = failures.map(({ name, error }) => {
        return { type: 'warning', message: `${name} did not answer: ${error.message}` };
      });
      let isShown = false;
      let isWhole = false;
      try {
        for await (const batch of candidate.model.stream(asFor(candidate, request), signal)) {
          hear(candidate, batch);
          isWhole ||= batch.some(isSureEnd);
          if (isShown) {
            yield batch;
            continue;
          }
          held.push(...batch);
          const isLast = at === queue.length - 1;
          if (!isLast && batch.some(isRefusal)) throw refused();
          isShown = batch.some(isSeen);
          if (isShown) yield held;
        }
        if (!isShown && held.length > 0) yield held;
        if (isWhole) candidate.breaks = 0;
        else if (isShown && !signal.aborted) this.#brokeOff(candidate);
        return;
      } catch (error) {
        if (signal.aborted || !isOthersTurn(error)) throw error;
        if (isShown) {
          this.#brokeOff(candidate);
          throw error; // what was shown is the caller's to void, and to ask for again
        }
        // What was refused is refused for its words, and says nothing of the next question.
        if (error.code !== 'content_filter') this.#sendAway(candidate, error);
        failures.push({ name: candidate.name, error });
      }
    }
    throw noneAnswered(failures);
  }

  /** As given; those that failed a short while ago come last. */
  #inOrder(): readonly Candidate[] {
    const nowMs = performance.now(); // a system clock may be set back
    const isAway = ({ awayUntilMs }: Candidate) => awayUntilMs > nowMs;
    return [...this.#all.filter((one) => !isAway(one)), ...this.#all.filter(isAway)];
  }

  /** Once may be the network. The second time in a row, the next question goes to others first. */
  #brokeOff(candidate: Candidate): void {
    if (++candidate.breaks < 2) return;
    candidate.breaks = 0;
    this.#sendAway(candidate);
  }

  #sendAway(candidate: Candidate, error?: ModelError): void {
    candidate.awayUntilMs = performance.now() + Math.max(this.#awayMs, error?.retryAfterMs ?? 0);
  }
}

/** Errors that say nothing about the question, or only what this host thinks of it. */
const othersTurn: ReadonlySet<ErrorCode> = new Set([
  'authentication',
  'permission',
  'quota',
  'rate_limit',
  'overloaded',
  'model_not_found',
  'content_filter',
  'server',
  'connection',
  'timeout',
  'bad_response',
  'incomplete_answer',
]);

function isOthersTurn(error: unknown): error is ModelError {
  return error instanceof ModelError && othersTurn.has(error.code);
}

function isSeen({ type }: ModelPart): boolean {
  return type === 'reasoning' || type === 'text' || type === 'call' || type === 'finish';
}

function isSureEnd(part: ModelPart): boolean {
  return part.type === 'finish' && part.unsure !== true;
}

function isRefusal(part: ModelPart): boolean {
  return part.type === 'finish' && part.reason === 'content_filter';
}

function refused(): ModelError {
  return new ModelError('content_filter', 'The endpoint cut the answer before its first word.');
}

function hear(candidate: Candidate, batch: readonly ModelPart[]): void {
  for (const part of batch) {
    if (part.type === 'reasoning') candidate.key = part.key ?? 'reasoning_content';
  }
}

/** The same request, earlier thoughts under the candidate's own key, as they stand but for that. */
function asFor(candidate: Candidate, request: ModelRequest): ModelRequest {
  const { key } = candidate;
  if (key === undefined) return request;
  return {
    ...request,
    messages: request.messages.map((message) => named(message, key, candidate)),
  };
}

function named(message: Message, key: ReasoningKey, { renamed }: Candidate): Message {
  if (message.role !== 'assistant' || message[key]) return message;
  const thought = message.reasoning_content ?? message.reasoning;
  if (!thought) return message;
  const known = renamed.get(message);
  if (known !== undefined) return known;
  const { reasoning: _, reasoning_content: __, ...rest } = message;
  const made: AssistantMessage = { ...rest, [key]: thought };
  renamed.set(message, made);
  return made;
}

function noneAnswered(
  failures: readonly { readonly name: string; readonly error: ModelError }[],
): unknown {
  const last = failures.at(-1)?.error;
  if (last === undefined || failures.length === 1) return last;
  const words = failures.map(({ name, error }) => `${name}: ${error.message}`).join(' ');
  const { status, retryable, retryAfterMs, requestId } = last;
  return new ModelError(last.code, `No model answered. ${words}`, {
    retryable,
    cause: last,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}
