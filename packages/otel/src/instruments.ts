import { metrics } from '@opentelemetry/api';
import type { Attributes, Counter, Histogram } from '@opentelemetry/api';
import type { Usage } from '@throughline/core';
import type { Settings } from './options.ts';

/** What a call of the model comes to in figures. */
export interface Inference {
  /** Operation, provider, model, server: nothing that grows with the number of runs. */
  readonly attributes: Attributes;
  readonly seconds: number;
  readonly secondsToFirst?: number | undefined;
  /** Between the chunks of the answer, where that was measured. */
  readonly secondsPerChunk?: readonly number[] | undefined;
  readonly usage?: Usage | undefined;
  readonly errorType?: string | undefined;
}

/**
 * The metrics of runs. Instruments are made when they are first used: the API hands out a meter that stays dead where no provider is
 * registered yet, and a program may register its own after it has made its agents.
 */
export class Instruments {
  readonly #names: Settings['metrics'];
  readonly #histograms = new Map<string, Histogram>();
  readonly #counters = new Map<string, Counter>();

  constructor(names: Settings['metrics']) {
    this.#names = names;
  }

  inference(told: Inference): void {
    const { attributes, seconds, secondsToFirst, errorType } = told;
    const client =
      this.#names === 'current' ? 'gen_ai.client.inference' : 'gen_ai.client.operation';
    const failed =
      errorType === undefined ? attributes : { ...attributes, 'error.type': errorType };
    this.#seconds(`${client}.duration`, seconds, failed);
    if (secondsToFirst !== undefined) {
      this.#seconds(`${client}.time_to_first_chunk`, secondsToFirst, attributes);
    }
    for (const one of told.secondsPerChunk ?? []) {
      this.#seconds(`${client}.time_per_output_chunk`, one, attributes);
    }
    if (told.usage !== undefined) this.#usage(told.usage, attributes);
  }

  run(told: { seconds: number; inferences: number; calls: number; attributes: Attributes }): void {
    const { seconds, inferences, calls, attributes } = told;
    this.#seconds('gen_ai.invoke_agent.duration', seconds, attributes);
    this.#count('gen_ai.invoke_agent.inference_calls', inferences, attributes, callBuckets);
    this.#count('gen_ai.invoke_agent.tool_calls', calls, attributes, callBuckets);
  }

  call(seconds: number, attributes: Attributes): void {
    this.#seconds('gen_ai.execute_tool.duration', seconds, attributes);
  }

  /** Tokens of an answer; those that nobody counted are no figures. */
  #usage(usage: Usage, attributes: Attributes): void {
    if (usage.estimated) return;
    const { inputTokens, cachedTokens, outputTokens, reasoningTokens } = usage;
    if (this.#names === 'v1.41') {
      const of = (type: string) => ({ ...attributes, 'gen_ai.token.type': type });
      this.#count('gen_ai.client.token.usage', inputTokens, of('input'));
      this.#count('gen_ai.client.token.usage', outputTokens, of('output'));
      return;
    }
    const tokens = 'gen_ai.client.inference.usage';
    this.#add(`${tokens}.input_tokens`, inputTokens, attributes);
    this.#add(`${tokens}.output_tokens`, outputTokens, attributes);
    this.#add(`${tokens}.cache_read.input_tokens`, cachedTokens, attributes);
    this.#add(`${tokens}.reasoning.output_tokens`, reasoningTokens, attributes);
    const operation = 'gen_ai.client.inference.operation';
    this.#count(`${operation}.input_tokens`, inputTokens, attributes);
    this.#count(`${operation}.output_tokens`, outputTokens, attributes);
  }

  #seconds(name: string, seconds: number, attributes: Attributes): void {
    this.#histogram(name, 's', secondBuckets).record(seconds, attributes);
  }

  #count(name: string, value: number, attributes: Attributes, buckets = tokenBuckets): void {
    const unit = buckets === tokenBuckets ? '{token}' : '{call}';
    this.#histogram(name, unit, buckets).record(value, attributes);
  }

  #histogram(name: string, unit: string, explicitBucketBoundaries: number[]): Histogram {
    const known = this.#histograms.get(name);
    if (known !== undefined) return known;
    const made = meter().createHistogram(name, { unit, advice: { explicitBucketBoundaries } });
    this.#histograms.set(name, made);
    return made;
  }

  #add(name: string, value: number, attributes: Attributes): void {
    const known = this.#counters.get(name);
    const counter = known ?? meter().createCounter(name, { unit: '{token}' });
    this.#counters.set(name, counter);
    counter.add(value, attributes);
  }
}

const meter = () => metrics.getMeter('@throughline/otel');

/** 0.01 doubled up to 81.92, as the conventions have it. */
const secondBuckets = Array.from({ length: 14 }, (_, at) => 0.01 * 2 ** at);
/** 1 to 4^13, as the conventions have it. */
const tokenBuckets = Array.from({ length: 14 }, (_, at) => 4 ** at);
const callBuckets = [0, 1, 2, 5, 10, 20, 50, 100, 200];
