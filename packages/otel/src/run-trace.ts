import { SpanKind, trace as spans } from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import type { CallToRun, EventOf, Model, RecordedEvent, RunEvent, Usage } from '@throughline/core';
import { askedAfter, askedAtFirst } from './asked-with.ts';
import type { AskedWith } from './asked-with.ts';
import { CallSpans } from './call-spans.ts';
import { chatAttributes, isModelError, isStreamed, usageAttributes } from './chat-attributes.ts';
import { ChunkTimes } from './chunk-times.ts';
import { chatContent } from './content.ts';
import type { Instruments } from './instruments.ts';
import type { Settings } from './options.ts';
import { failed, tracer } from './span.ts';
import { linkTo, traceparentOf } from './trace-links.ts';
import { usageSum } from './usage-sum.ts';

export interface TraceOfRun {
  readonly settings: Settings;
  readonly instruments: Instruments;
  /** What the run stands in: a request of the host, or the call of an outer run. */
  readonly parent: Context;
  readonly first: RunEvent;
  /** For a run that has no `run.start`, because it goes on from a record; undefined where the agent is not known. */
  readonly agent: { readonly name: string; readonly model: Pick<Model, 'id'> } | undefined;
  readonly conversation: string | undefined;
}

/** A question to the model that has no answer yet. */
interface OpenStep {
  readonly step: number;
  readonly startedAtMs: number;
  /** A call of this step was heard of, so its answer is there, be it from an earlier process. */
  answered: boolean;
  readonly chunks: ChunkTimes;
  readonly retries: { readonly attempt: number; readonly atMs: number }[];
}

/**
 * The spans of one run, in one process. A chat span is made when its answer is there, with the time at which it was asked: of a resumed run,
 * the steps of its record pass once more, and were not asked again.
 */
export class RunTrace {
  readonly conversation: string | undefined;
  readonly #about: TraceOfRun;
  readonly #span: Span;
  readonly #context: Context;
  readonly #agent: string | undefined;
  readonly #startedAtMs: number;
  #asked: AskedWith;
  readonly #calls: CallSpans;
  /** It goes on from a record. */
  readonly #resumed: boolean;
  /** What was heard of the conversation; only where content is told. */
  readonly #recorded: RecordedEvent[] = [];
  #step: OpenStep | undefined;
  #used: Usage | undefined;
  #inferences = 0;
  #compacted = false;

  constructor(about: TraceOfRun) {
    const { first, parent } = about;
    const start = first.type === 'run.start' ? first : undefined;
    this.#about = about;
    this.conversation = about.conversation;
    this.#agent = start?.agent ?? about.agent?.name;
    this.#startedAtMs = start?.startedAtMs ?? Date.now();
    this.#asked = askedAtFirst(start?.model ?? about.agent?.model.id);
    const attributes = {
      'gen_ai.operation.name': 'invoke_agent',
      ...this.#agentName(),
      ...this.#ofConversation(),
      'throughline.run.id': first.runId,
    };
    const name = ['invoke_agent', this.#agent].filter(Boolean).join(' ');
    this.#resumed = start === undefined;
    const { links: kept } = about.settings;
    const links = this.#resumed ? [...linkTo(kept.get(first.runId))] : [];
    const how = { attributes, startTime: this.#startedAtMs, links };
    this.#span = tracer().startSpan(name, how, parent);
    this.#context = spans.setSpan(parent, this.#span);
    const traceparent = traceparentOf(this.#span);
    if (traceparent !== undefined) kept.set(first.runId, traceparent);
    this.#calls = new CallSpans({
      instruments: about.instruments,
      content: about.settings.content,
      agent: this.#agentName(),
      context: this.#context,
    });
  }

  tell(event: RunEvent): void {
    if (this.#about.settings.content && isConversation(event)) this.#recorded.push(event);
    switch (event.type) {
      case 'step.start':
        this.#step = {
          step: event.step,
          startedAtMs: Date.now(),
          answered: false,
          chunks: new ChunkTimes(),
          retries: [],
        };
        break;
      case 'reasoning.delta':
      case 'text.delta':
      case 'call.delta':
        if (this.#about.settings.chunkTimes) this.#step?.chunks.delta();
        break;
      case 'step.retry':
        this.#step?.chunks.retry();
        this.#step?.retries.push({ attempt: event.attempt, atMs: Date.now() });
        break;
      case 'answer':
        this.#answered(event);
        break;
      case 'history.compacted':
        this.#compacted = true;
        this.#use(event.usage);
        break;
      case 'call.pending':
        this.#note('throughline.call.pending', event);
        break;
      case 'call.end':
        this.#use(event.usage);
        if (!this.#calls.end(event)) this.#note('throughline.call.not_run', event);
        break;
      case 'run.end':
        this.#end(event);
        break;
    }
  }

  /** Begins the span of a call that runs now. */
  beginCall(call: CallToRun): { readonly context: Context; settled(): void } {
    const { step, name, effect } = call;
    // A read may run before the answer is complete; anything else, and what a record has left over, only after it.
    const isLater = effect !== 'read' || (this.#resumed && this.#inferences === 0);
    if (isLater && this.#step?.step === step) this.#step.answered = true;
    const description = this.#asked.tools.find((tool) => tool.name === name)?.description;
    return this.#calls.begin(call, {
      ...(description === undefined ? {} : { 'gen_ai.tool.description': description }),
      ...this.#ofConversation(),
    });
  }

  /** What an event inside a call stands in: its call, where that runs in this process. */
  insideOf(place: EventOf<'call.event'>): Context {
    return this.#calls.contextOf(place) ?? this.#context;
  }

  #answered(answer: EventOf<'answer'>): void {
    const { timing, endedAtMs, usage, response } = answer;
    this.#asked = askedAfter(this.#asked, answer.request);
    const content = this.#about.settings.content
      ? chatContent(answer, this.#asked, this.#recorded)
      : {};
    this.#chat({
      startedAtMs: endedAtMs - timing.totalMs,
      endedAtMs,
      attributes: {
        'gen_ai.response.finish_reasons': [answer.finishReason],
        'gen_ai.response.time_to_first_chunk': timing.firstPartMs / 1000,
        ...(response?.id === undefined ? {} : { 'gen_ai.response.id': response.id }),
        ...(response?.model === undefined ? {} : { 'gen_ai.response.model': response.model }),
        ...(usage === undefined ? {} : usageAttributes(usage, 'chat')),
        ...content,
      },
      ...(isStreamed(this.#asked.parameters) ? this.#chunkTimes(timing) : {}),
      usage,
      responseModel: response?.model,
    });
    this.#use(usage);
    if (this.#step !== undefined) this.#step.answered = true;
  }

  /** Not told of an answer that came whole. */
  #chunkTimes({ firstPartMs }: EventOf<'answer'>['timing']) {
    return { secondsToFirst: firstPartMs / 1000, secondsPerChunk: this.#step?.chunks.seconds };
  }

  #chat(told: Chat): void {
    const { attributes, startedAtMs, endedAtMs, errorType, responseModel } = told;
    const asked = this.#asked;
    const { endpoint } = this.#about.settings;
    const about = { ...endpoint, ...chatAttributes(asked), ...this.#ofConversation() };
    const name = ['chat', asked.model].filter(Boolean).join(' ');
    const how = { kind: SpanKind.CLIENT, attributes: about, startTime: startedAtMs };
    const span = tracer().startSpan(name, how, this.#context);
    span.setAttributes(attributes);
    for (const { attempt, atMs } of this.#step?.retries ?? []) {
      span.addEvent('throughline.step.retry', { 'throughline.attempt': attempt }, atMs);
    }
    if (errorType !== undefined) failed(span, errorType, told.message);
    span.end(endedAtMs);
    this.#inferences++;
    this.#about.instruments.inference({
      attributes: {
        'gen_ai.operation.name': 'chat',
        ...endpoint,
        ...(asked.model === '' ? {} : { 'gen_ai.request.model': asked.model }),
        ...(responseModel === undefined ? {} : { 'gen_ai.response.model': responseModel }),
      },
      seconds: (endedAtMs - startedAtMs) / 1000,
      secondsToFirst: told.secondsToFirst,
      secondsPerChunk: told.secondsPerChunk,
      usage: told.usage,
      errorType,
    });
  }

  #end(event: EventOf<'run.end'>): void {
    const { stopReason, error } = event;
    const broke = stopReason === 'failed' || stopReason === 'aborted';
    const errorType = broke ? (error?.code === 'error' ? stopReason : error?.code) : undefined;
    if (broke) this.#unanswered(stopReason, error);
    // A call in which a person is waited for has not failed: it goes on when the run does.
    this.#calls.endAll(broke ? stopReason : undefined);
    const span = this.#span;
    span.setAttributes({
      'throughline.stop_reason': stopReason,
      ...(this.#used === undefined ? {} : usageAttributes(this.#used, 'invoke_agent')),
      ...this.#ofConversation(),
    });
    if (errorType !== undefined) failed(span, errorType, this.#wordsOf(error));
    const endedAtMs = Date.now();
    span.end(endedAtMs);
    if (!broke && stopReason !== 'suspended') this.#about.settings.links.delete(event.runId);
    this.#about.instruments.run({
      seconds: (endedAtMs - this.#startedAtMs) / 1000,
      inferences: this.#inferences,
      calls: this.#calls.count,
      attributes: {
        ...this.#agentName(),
        ...(errorType === undefined ? {} : { 'error.type': errorType }),
      },
    });
  }

  /** A question that came to no answer. What failed before the model was asked is no chat. */
  #unanswered(stopReason: 'failed' | 'aborted', error: EventOf<'run.end'>['error']): void {
    const step = this.#step;
    if (step === undefined || step.answered) return;
    if (stopReason === 'failed' && !isModelError(error?.code)) return;
    this.#chat({
      startedAtMs: step.startedAtMs,
      endedAtMs: Date.now(),
      attributes: { 'gen_ai.response.finish_reasons': ['error'] },
      errorType: stopReason === 'aborted' ? 'aborted' : error?.code,
      message: this.#wordsOf(error),
    });
  }

  /** What is no span of its own: a call that waits, or that was never started. */
  #note(name: string, event: EventOf<'call.end' | 'call.pending'>): void {
    this.#span.addEvent(name, {
      'gen_ai.tool.name': event.name,
      'gen_ai.tool.call.id': event.callId,
      ...(event.type === 'call.end' ? { 'throughline.outcome': event.outcome } : {}),
    });
  }

  #use(usage: Usage | undefined): void {
    if (usage !== undefined) this.#used = usageSum(this.#used, usage);
  }

  /** An error's words may quote what was said. */
  #wordsOf(error: EventOf<'run.end'>['error']): string | undefined {
    return this.#about.settings.content ? error?.message : undefined;
  }

  #agentName(): Attributes {
    return this.#agent === undefined ? {} : { 'gen_ai.agent.name': this.#agent };
  }

  #ofConversation(): Attributes {
    const id = this.conversation;
    return {
      ...(id === undefined ? {} : { 'gen_ai.conversation.id': id, 'session.id': id }),
      ...(this.#compacted ? { 'gen_ai.conversation.compacted': true } : {}),
    };
  }
}

/** How a question to the model came out. */
interface Chat {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly attributes: Attributes;
  readonly secondsToFirst?: number;
  readonly secondsPerChunk?: readonly number[] | undefined;
  readonly usage?: Usage | undefined;
  readonly responseModel?: string | undefined;
  readonly errorType?: string | undefined;
  readonly message?: string | undefined;
}

function isConversation(event: RunEvent): event is RecordedEvent {
  return ['message', 'answer', 'call.end', 'history.compacted'].includes(event.type);
}
