import { textOf } from '@throughline/core';
import type {
  CallEnd,
  CallPending,
  EventOf,
  Json,
  RunEvent,
  StopReason,
  Usage,
} from '@throughline/core';
import { failureWords } from './http-error.ts';
import { callIdIn, innermost, namedCalls, parsedOr } from './shown-call.ts';
import { unshownWords } from './unshown-words.ts';

/** `v6`: chunks that the AI SDK 6 and 7 both take. `v7`: also those that 6 does not know, and fails at. */
export type Dialect = 'v6' | 'v7';

/** A chunk of the AI SDK's UI message stream. */
export type Chunk = { readonly type: string } & Readonly<Record<string, unknown>>;

/**
 * Turns the events of one run into chunks. The id of the message is the id of the run, so a run that is resumed goes on in the message
 * that it began. What was not shown as it came (a reader came late, or `buffer: 'step'`) is shown with its answer.
 */
export class AiSdkChunks {
  readonly #runId: string;
  readonly #dialect: Dialect;
  /** The step that the client has been told of, while it goes on. */
  #step: number | undefined;
  #open: { readonly kind: 'text' | 'reasoning'; readonly id: string } | undefined;
  /** What was shown of the answer under way. */
  #shown = new Set<'text' | 'reasoning'>();
  /** The calls of the answer under way whose arguments are shown: as far as they came, or whole. */
  #calls = new Map<string, { readonly name: string; input: string; isWhole: boolean }>();
  /** Calls that the client knows as failed already. */
  readonly #failed = new Set<string>();
  /** Calls that a person refused. */
  readonly #denied = new Set<string>();
  #parts = 0;

  constructor(runId: string, dialect: Dialect) {
    this.#runId = runId;
    this.#dialect = dialect;
  }

  begin(): readonly Chunk[] {
    return [{ type: 'start', messageId: this.#runId }];
  }

  take(told: RunEvent): readonly Chunk[] {
    const event = innermost(told);
    if (event.runId !== this.#runId) return this.#takeInner(event);
    switch (event.type) {
      case 'reasoning.delta':
        return [...this.#stepStart(event.step), ...this.#piece('reasoning', event.delta)];
      case 'text.delta':
        return [...this.#stepStart(event.step), ...this.#piece('text', event.delta)];
      case 'call.delta':
        return [...this.#stepStart(event.step), ...this.#close(), ...this.#input(event)];
      case 'call.start': {
        const { callId, name } = event;
        // A read may start before its answer is whole. Else its input was shown with the answer.
        return this.#calls.get(callId)?.isWhole === false
          ? [...this.#close(), this.#available(callId, name, event.arguments)]
          : [];
      }
      case 'answer':
        return this.#answer(event);
      case 'step.retry':
        return this.#retry(event);
      case 'call.progress':
        return [preliminary(event.callId, event.progress)];
      case 'call.decided':
        return this.#decided(event);
      case 'call.end':
        return this.#callEnd(event, event.callId);
      case 'output.partial':
        return [{ type: 'data-output', id: 'output', data: event.output }];
      case 'step.end':
        return this.#stepEnd(event.step);
      case 'run.end':
        return this.#runEnd(event);
    }
    return [];
  }

  /** Calls of an agent inside a call stand beside it, under ids of their own, so that a person can approve them. */
  #takeInner(event: RunEvent): readonly Chunk[] {
    const id = callIdIn(this.#runId, event);
    switch (event.type) {
      case 'call.start':
      case 'call.pending':
        return [
          {
            type: 'tool-input-available',
            toolCallId: id,
            toolName: event.name,
            input: parsedOr(event.arguments),
          },
        ];
      case 'call.progress':
        return [preliminary(id, event.progress)];
      case 'call.decided':
        return this.#decided(event);
      case 'call.end':
        // One that never started was never shown.
        return event.outcome === 'doubtful' ||
          (event.outcome === 'refused' && !this.#denied.has(id))
          ? []
          : this.#callEnd(event, id);
    }
    return [];
  }

  /** Only a step that says something is told of: a resumed run passes the steps that it has done without a word. */
  #stepStart(step: number): readonly Chunk[] {
    if (this.#step === step) return [];
    this.#step = step;
    this.#shown = new Set();
    this.#calls = new Map();
    return [{ type: 'start-step' }];
  }

  #stepEnd(step: number): readonly Chunk[] {
    if (this.#step !== step) return [];
    this.#step = undefined;
    return [...this.#close(), { type: 'finish-step' }];
  }

  #piece(kind: 'text' | 'reasoning', delta: string): readonly Chunk[] {
    const chunks: Chunk[] = [];
    if (this.#open?.kind !== kind) {
      chunks.push(...this.#close());
      this.#open = { kind, id: `${kind}-${++this.#parts}` };
      chunks.push({ type: `${kind}-start`, id: this.#open.id });
    }
    this.#shown.add(kind);
    chunks.push({ type: `${kind}-delta`, id: this.#open.id, delta });
    return chunks;
  }

  #close(): readonly Chunk[] {
    if (this.#open === undefined) return [];
    const { kind, id } = this.#open;
    this.#open = undefined;
    return [{ type: `${kind}-end`, id }];
  }

  #input({ callId, name, delta }: EventOf<'call.delta'>): readonly Chunk[] {
    const begun = this.#calls.get(callId);
    const call = begun ?? { name, input: '', isWhole: false };
    this.#calls.set(callId, call);
    call.input += delta;
    const start: Chunk = { type: 'tool-input-start', toolCallId: callId, toolName: name };
    const more: Chunk = { type: 'tool-input-delta', toolCallId: callId, inputTextDelta: delta };
    return [...(begun === undefined ? [start] : []), ...(delta === '' ? [] : [more])];
  }

  #available(callId: string, name: string, input: string): Chunk {
    this.#calls.set(callId, { name, input, isWhole: true });
    return {
      type: 'tool-input-available',
      toolCallId: callId,
      toolName: name,
      input: parsedOr(input),
    };
  }

  #answer(event: EventOf<'answer'>): readonly Chunk[] {
    const { message, doubts, broken } = event;
    const chunks = [...this.#stepStart(event.step)];
    for (const { kind, text } of unshownWords(message, this.#shown)) {
      chunks.push(...this.#piece(kind, text));
    }
    chunks.push(...this.#close());
    for (const { place, id, name, args } of namedCalls(message)) {
      const doubt = doubts?.[place];
      if (doubt !== undefined) {
        this.#failed.add(id);
        this.#calls.delete(id);
        chunks.push(inputError(id, { name, input: broken?.[place] ?? args }, doubt));
      } else if (this.#calls.get(id)?.isWhole !== true) {
        chunks.push(this.#available(id, name, args));
      }
    }
    // An id that the answer does not have in the end was mended.
    const gone = [...this.#calls].filter(([, { isWhole }]) => !isWhole);
    return [...chunks, ...gone.map(([id, call]) => inputError(id, call, voided))];
  }

  /** Version 7 takes back what was shown of the step. Version 6 cannot: it is told that what stands there is void. */
  #retry({ step, attempt }: EventOf<'step.retry'>): readonly Chunk[] {
    if (this.#step !== step) return []; // nothing was shown
    const isV7 = this.#dialect === 'v7';
    const chunks = [...this.#close()];
    for (const [id, call] of isV7 ? [] : this.#calls) chunks.push(inputError(id, call, voided));
    if (isV7) chunks.push({ type: 'reset-step' });
    else
      chunks.push({ type: 'data-retry', id: `retry-${step}-${attempt}`, data: { step, attempt } });
    this.#shown = new Set();
    this.#calls = new Map();
    return chunks;
  }

  #decided(event: EventOf<'call.decided'>): readonly Chunk[] {
    const { decision, id } = event;
    if (decision.refuse !== undefined) this.#denied.add(callIdIn(this.#runId, event));
    if (this.#dialect !== 'v7') return [];
    const approved = decision.refuse === undefined;
    const reason = approved ? {} : { reason: decision.refuse };
    return [{ type: 'tool-approval-response', approvalId: id, approved, ...reason }];
  }

  #callEnd(event: CallEnd, toolCallId: string): readonly Chunk[] {
    if (this.#failed.has(toolCallId)) return []; // its doubt was told with the answer
    const words = textOf(event.message.content);
    if (event.outcome === 'ok') {
      const output = event.output ?? parsedOr(words);
      return [{ type: 'tool-output-available', toolCallId, output }];
    }
    if (event.outcome === 'refused' && this.#denied.has(toolCallId)) {
      return [{ type: 'tool-output-denied', toolCallId }];
    }
    return [{ type: 'tool-output-error', toolCallId, errorText: words }];
  }

  #runEnd(event: EventOf<'run.end'>): readonly Chunk[] {
    const { stopReason, error, pending = [], steps, usage, limit, output } = event;
    const chunks: Chunk[] = [...this.#close()];
    if (this.#step !== undefined) chunks.push(...this.#stepEnd(this.#step));
    if (stopReason === 'failed')
      return [...chunks, { type: 'error', errorText: failureWords(error?.code ?? 'error') }];
    if (stopReason === 'aborted')
      return [...chunks, { type: 'abort', reason: 'The run was aborted.' }];
    if (output !== undefined) chunks.push({ type: 'data-output', id: 'output', data: output });
    chunks.push(...pending.map((call) => this.#approval(call)));
    // A crash cut these: they may have taken effect already. The person who approves must know.
    const mayHaveRun = pending.flatMap((call) =>
      call.mayHaveRun ? callIdIn(this.#runId, call) : [],
    );
    const throughline = {
      stopReason,
      steps,
      usage: tokensOf(usage),
      ...(limit && { limit }),
      ...(mayHaveRun.length > 0 && { mayHaveRun }),
    };
    const messageMetadata = { throughline };
    return [
      ...chunks,
      { type: 'finish', finishReason: finishReasons[stopReason], messageMetadata },
    ];
  }

  #approval(call: CallPending): Chunk {
    return {
      type: 'tool-approval-request',
      approvalId: call.id,
      toolCallId: callIdIn(this.#runId, call),
    };
  }
}

const voided = 'This call is void: the model was asked again.';

const finishReasons: Readonly<Record<StopReason, string>> = {
  answer: 'stop',
  length: 'length',
  content_filter: 'content-filter',
  limit: 'other',
  suspended: 'tool-calls', // the client takes no other word for it
  failed: 'error',
  aborted: 'other',
};

function inputError(
  toolCallId: string,
  { name, input }: { readonly name: string; readonly input: string },
  errorText: string,
): Chunk {
  return { type: 'tool-input-error', toolCallId, toolName: name, input, errorText };
}

function preliminary(toolCallId: string, output: Json): Chunk {
  return { type: 'tool-output-available', toolCallId, output, preliminary: true };
}

/** What it cost is the host's affair. */
function tokensOf(usage: Usage): Omit<Usage, 'costUsd'> {
  const { inputTokens, cachedTokens, outputTokens, reasoningTokens, estimated } = usage;
  const tokens = { inputTokens, cachedTokens, outputTokens, reasoningTokens };
  return estimated === undefined ? tokens : { ...tokens, estimated };
}
