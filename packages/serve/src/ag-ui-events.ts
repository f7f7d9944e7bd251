import { textOf } from '@throughline/core';
import type { CallEnd, CallPending, EventOf, RunEvent, Usage } from '@throughline/core';
import { failureWords } from './http-error.ts';
import { callIdIn, innermost, namedCalls } from './shown-call.ts';
import { unshownWords } from './unshown-words.ts';

/** An event of AG-UI 1.0. */
export type AgUiEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** How the client names its conversation and this run of it. */
export interface AgUiIds {
  readonly threadId: string;
  readonly runId: string;
}

/**
 * Turns the events of one run into events of AG-UI. It closes whatever it opens before the run ends, also on a retry and an abort: the client
 * takes nothing else. It expects the calls of an answer with the answer alone: AG-UI cannot take them back.
 */
export class AgUiEvents {
  readonly #runId: string;
  readonly #ids: AgUiIds;
  #step: number | undefined;
  #open: { readonly kind: 'text' | 'reasoning'; readonly messageId: string } | undefined;
  #shown = new Set<'text' | 'reasoning'>();
  /** Text that is void stays where it is, so each attempt is a message of its own. */
  #attempt = 1;

  constructor(runId: string, ids: AgUiIds) {
    this.#runId = runId;
    this.#ids = ids;
  }

  begin(): readonly AgUiEvent[] {
    return [{ type: 'RUN_STARTED', ...this.#ids }];
  }

  take(told: RunEvent): readonly AgUiEvent[] {
    const event = innermost(told);
    if (event.runId !== this.#runId) return this.#takeInner(event);
    switch (event.type) {
      case 'reasoning.delta':
        return [...this.#stepStart(event.step), ...this.#piece('reasoning', event.delta)];
      case 'text.delta':
        return [...this.#stepStart(event.step), ...this.#piece('text', event.delta)];
      case 'answer':
        return this.#answer(event);
      case 'step.retry':
        return this.#retry(event);
      case 'call.progress':
        return [progressOf(event.callId, event)];
      case 'call.end':
        return [this.#result(event, event.callId)];
      case 'step.end':
        return this.#stepEnd(event.step);
      case 'run.end':
        return this.#runEnd(event);
    }
    return [];
  }

  /** Calls of an agent inside a call stand beside it, under ids of their own, so that a person can approve them. */
  #takeInner(event: RunEvent): readonly AgUiEvent[] {
    const id = callIdIn(this.#runId, event);
    switch (event.type) {
      case 'answer':
        return namedCalls(event.message).flatMap(({ id, name, args }) => {
          return callEvents({
            toolCallId: callIdIn(this.#runId, { runId: event.runId, callId: id }),
            name,
            args,
          });
        });
      case 'call.progress':
        return [progressOf(id, event)];
      case 'call.end':
        return [this.#result(event, id)];
    }
    return [];
  }

  /** Only a step that says something is told of: a resumed run passes the steps that it has done without a word. */
  #stepStart(step: number): readonly AgUiEvent[] {
    if (this.#step === step) return [];
    this.#step = step;
    this.#attempt = 1;
    this.#shown = new Set();
    return [{ type: 'STEP_STARTED', stepName: stepName(step) }];
  }

  #stepEnd(step: number): readonly AgUiEvent[] {
    if (this.#step !== step) return [];
    this.#step = undefined;
    return [...this.#close(), { type: 'STEP_FINISHED', stepName: stepName(step) }];
  }

  get #messageId(): string {
    return `${this.#runId}/${this.#step}/${this.#attempt}`;
  }

  #piece(kind: 'text' | 'reasoning', delta: string): readonly AgUiEvent[] {
    const events: AgUiEvent[] = [];
    if (this.#open?.kind !== kind) {
      events.push(...this.#close());
      const messageId = kind === 'text' ? this.#messageId : `${this.#messageId}/reasoning`;
      this.#open = { kind, messageId };
      if (kind === 'text')
        events.push({ type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' });
      else {
        events.push({ type: 'REASONING_START', messageId });
        events.push({ type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning' });
      }
    }
    this.#shown.add(kind);
    const { messageId } = this.#open;
    const type = kind === 'text' ? 'TEXT_MESSAGE_CONTENT' : 'REASONING_MESSAGE_CONTENT';
    return [...events, { type, messageId, delta }];
  }

  #close(): readonly AgUiEvent[] {
    if (this.#open === undefined) return [];
    const { kind, messageId } = this.#open;
    this.#open = undefined;
    if (kind === 'text') return [{ type: 'TEXT_MESSAGE_END', messageId }];
    return [
      { type: 'REASONING_MESSAGE_END', messageId },
      { type: 'REASONING_END', messageId },
    ];
  }

  #answer({ step, message }: EventOf<'answer'>): readonly AgUiEvent[] {
    const events = [...this.#stepStart(step)];
    for (const { kind, text } of unshownWords(message, this.#shown)) {
      events.push(...this.#piece(kind, text));
    }
    events.push(...this.#close());
    for (const { id, name, args } of namedCalls(message)) {
      events.push(...callEvents({ toolCallId: id, name, args }, this.#messageId));
    }
    return events;
  }

  #retry({ step, attempt }: EventOf<'step.retry'>): readonly AgUiEvent[] {
    if (this.#step !== step) return []; // nothing was shown
    const events = this.#close();
    const value = { step, attempt, void: [this.#messageId, `${this.#messageId}/reasoning`] };
    this.#attempt++;
    this.#shown = new Set();
    return [...events, { type: 'CUSTOM', name: 'throughline.retry', value }];
  }

  #result({ message, step, call, runId }: CallEnd, toolCallId: string): AgUiEvent {
    const messageId = `${runId}/${step}/call/${call}`;
    return {
      type: 'TOOL_CALL_RESULT',
      messageId,
      toolCallId,
      role: 'tool',
      content: textOf(message.content),
    };
  }

  #runEnd({
    stopReason,
    error,
    pending = [],
    usage,
    output,
  }: EventOf<'run.end'>): readonly AgUiEvent[] {
    const events = [...this.#close()];
    if (this.#step !== undefined) events.push(...this.#stepEnd(this.#step));
    const tokens = [tokensOf(usage)];
    if (stopReason === 'failed') {
      const code = error?.code ?? 'error';
      return [...events, { type: 'RUN_ERROR', message: failureWords(code), code, usage: tokens }];
    }
    const outcome =
      stopReason === 'suspended'
        ? { type: 'interrupt', interrupts: pending.map((call) => this.#interrupt(call)) }
        : { type: stopReason === 'aborted' ? 'cancelled' : 'success' };
    const metadata = { throughline: { stopReason } };
    const result = output === undefined ? {} : { result: output };
    return [
      ...events,
      { type: 'RUN_FINISHED', ...this.#ids, outcome, usage: tokens, metadata, ...result },
    ];
  }

  #interrupt(call: CallPending): object {
    const { id, name, effect, arguments: args, mayHaveRun } = call;
    const again = mayHaveRun ? ' It was cut before, and may have taken effect.' : '';
    return {
      id,
      reason: 'tool_call',
      message: `The call of ${name} waits for approval.${again}`,
      toolCallId: callIdIn(this.#runId, call),
      responseSchema,
      metadata: {
        throughline: { name, effect, arguments: args, ...(mayHaveRun && { mayHaveRun }) },
      },
    };
  }
}

/** What the client sends back as the payload of an interrupt that it resolves. */
const responseSchema = {
  type: 'object',
  properties: { approved: { type: 'boolean' }, reason: { type: 'string' } },
  required: ['approved'],
};

function callEvents(
  {
    toolCallId,
    name,
    args,
  }: { readonly toolCallId: string; readonly name: string; readonly args: string },
  parentMessageId?: string,
): readonly AgUiEvent[] {
  const parent = parentMessageId === undefined ? {} : { parentMessageId };
  return [
    { type: 'TOOL_CALL_START', toolCallId, toolCallName: name, ...parent },
    { type: 'TOOL_CALL_ARGS', toolCallId, delta: args },
    { type: 'TOOL_CALL_END', toolCallId },
  ];
}

function progressOf(toolCallId: string, { progress }: EventOf<'call.progress'>): AgUiEvent {
  return { type: 'CUSTOM', name: 'throughline.progress', value: { toolCallId, progress } };
}

function stepName(step: number): string {
  return `step ${step}`;
}

function tokensOf({ inputTokens, outputTokens, reasoningTokens, cachedTokens }: Usage): object {
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    reasoningTokens,
    cachedInputTokens: cachedTokens,
  };
}
