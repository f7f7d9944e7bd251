import type {
  AnswerGiven,
  CallEnd,
  HistoryCompacted,
  MessageHeard,
  RecordedEvent,
  EventSink,
} from '../base/event.ts';
import type { Message } from '../base/message.ts';
import { addUsage, noUsage } from '../base/model.ts';
import type { Prefetch } from '../calls/prefetch.ts';
import { estimateTokens } from '../history/estimate.ts';
import { withChange } from '../history/request-setup.ts';
import type { RequestSetup } from '../history/request-setup.ts';
import type { Deadline } from '../limits/deadline.ts';
import type { Spent } from '../limits/limit.ts';
import { Repeats } from '../limits/repeats.ts';
import type { Recorder, StepScope } from '../record/recorder.ts';
import { toToolset } from '../tool/toolset.ts';
import type { Toolset } from '../tool/toolset.ts';
import type { RunConfig, Handover } from './run-config.ts';

/** A run under way: what its recorded events have come to so far. Nothing in it is decided anywhere else. */
export class RunState {
  config: RunConfig;
  readonly recorder: Recorder;
  readonly sink: EventSink;
  readonly runId: string;
  /** Sent with every request. It only grows, unless it is compacted, so what was sent stays a prefix. */
  messages: Message[];
  toolset: Toolset;
  /** The early reads of the answer under way. */
  prefetch: Prefetch | undefined;
  readonly deadline: Deadline;
  /** Limits that were near, and notes the model has read: each is told once. */
  readonly notified = new Set<string>();
  /** The last step before which the history was compacted. */
  compactedIn = 0;
  /** About how many tokens the next request holds. */
  estimatedTokens = 0;
  /** How the model was asked last, as far as it is recorded. */
  asked: RequestSetup | undefined;
  #steps = 0;
  #usage = noUsage;
  readonly #calls = new Map<string, number>();
  readonly #repeats = new Repeats();

  constructor(config: RunConfig, deadline: Deadline) {
    const { recorder, sink } = config.host;
    this.config = config;
    this.recorder = recorder;
    this.sink = sink;
    this.runId = recorder.runId;
    this.deadline = deadline;
    this.asked = config.asked;
    this.messages = [];
    this.#restart(config.history);
    this.toolset = toToolset(config.tools);
  }

  /** Runs `fn` through the recorder and tells its event. */
  async record<E extends RecordedEvent>(
    key: string,
    fn: (scope: StepScope) => Promise<E>,
  ): Promise<E> {
    const event = await this.recorder.step(key, fn);
    this.sink.emit(event);
    return event;
  }

  /** The run goes on as another agent. */
  handOver(handover: Handover): void {
    const { conversation } = this;
    const { output } = this.config;
    const tools = output === undefined ? handover.tools : [...handover.tools, output.tool];
    const words = [handover.instructions, output?.instructions].filter(Boolean).join('\n\n');
    this.config = { ...this.config, ...handover, tools, instructions: words };
    this.#restart(conversation);
  }

  /** All but the instructions. */
  get conversation(): readonly Message[] {
    return this.messages.slice(this.#instructions().length);
  }

  addMessages({ messages, source }: MessageHeard): void {
    for (const message of messages) this.#add(message);
    for (const { content } of source === 'note' ? messages : []) this.notified.add(String(content));
  }

  compact({ messages, step, usage }: HistoryCompacted): void {
    this.compactedIn = step;
    this.#usage = addUsage(this.#usage, usage);
    this.#restart(messages);
  }

  addAnswer(answer: AnswerGiven): void {
    const { message, usage } = answer;
    this.#add(message);
    this.asked = withChange(this.asked, answer.request);
    // The endpoint's own count is better than any estimate; attempts that broke off make it too high.
    if (usage !== undefined && !usage.estimated && answer.attempts === 1) {
      this.estimatedTokens = usage.inputTokens + usage.outputTokens;
    }
    this.#steps++;
    this.#usage = addUsage(this.#usage, usage);
    for (const { function: named } of message.tool_calls ?? []) {
      this.#calls.set(named.name, (this.#calls.get(named.name) ?? 0) + 1);
    }
    if (message.tool_calls !== undefined && message.content !== undefined) {
      this.#repeats.add({ said: message.content });
    }
  }

  /** Takes the ends of an answer's calls, in call order. */
  addCallEnds(answer: AnswerGiven, ends: readonly CallEnd[]): void {
    for (const [at, { message, usage, name }] of ends.entries()) {
      this.#add(message);
      this.#usage = addUsage(this.#usage, usage);
      const text = answer.message.tool_calls?.[at]?.function.arguments ?? '';
      this.#repeats.add({ name, arguments: text, outcome: message.content });
    }
  }

  /** What the run has used after so many milliseconds. */
  spent(elapsedMs: number): Spent {
    const repeats = this.#repeats;
    return {
      steps: this.#steps,
      calls: this.#calls,
      usage: this.#usage,
      elapsedMs,
      get repeated() {
        return repeats.most;
      },
    };
  }

  #restart(messages: readonly Message[]): void {
    this.messages = [];
    this.estimatedTokens = 0;
    for (const message of [...this.#instructions(), ...messages]) this.#add(message);
  }

  #add(message: Message): void {
    this.messages.push(message);
    this.estimatedTokens += estimateTokens(message);
  }

  #instructions(): readonly Message[] {
    const { instructions } = this.config;
    return instructions === '' ? [] : [{ role: 'system', content: instructions }];
  }
}
