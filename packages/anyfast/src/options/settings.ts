import { checkOptions } from '@throughline/core';
import { isObject } from '../wire/json.ts';
import { endpointUse } from './capabilities.ts';
import type { EndpointUse } from './capabilities.ts';
import { refuse, refuseUnseen, text, whole, within } from './check.ts';
import { connectionOptions } from './options.ts';
import type { AnyfastOptions, ResponseFormat, Thinking } from './options.ts';
import { priceList } from './pricing.ts';
import type { Prices } from './pricing.ts';
import { toThinking } from './thinking.ts';

const known: Readonly<Record<keyof AnyfastOptions, true>> = {
  ...connectionOptions,
  stream: true,
  thinking: true,
  maxCompletionTokens: true,
  temperature: true,
  topP: true,
  frequencyPenalty: true,
  presencePenalty: true,
  responseFormat: true,
  stop: true,
  promptCacheKey: true,
  safetyIdentifier: true,
  leakedCalls: true,
  prices: true,
  capabilities: true,
};

/** What to send with every request. Throws `invalid_option` for an option that is unknown or out of range. */
export function toEncodeSettings(model: string, options: AnyfastOptions): EncodeSettings {
  if (typeof model !== 'string') refuseUnseen('the model', model, 'a non-empty string');
  text('the model', model);
  if (model.startsWith('sk-') || model === options?.apiKey)
    refuseUnseen('the model', model, 'a name such as kimi-k2.6; a key is passed as apiKey');
  checkOptions('anyfast()', options, known);
  const use = endpointUse(model, options.capabilities);
  const { omit = [], reasoningKey } = use;
  const { stream = use.stream ?? true, thinking = thinkingOf(use) } = options;
  if (typeof stream !== 'boolean') refuse('stream', stream, 'true or false');
  whole('maxCompletionTokens', options.maxCompletionTokens, {
    from: 1,
    to: Number.MAX_SAFE_INTEGER,
  });
  within('temperature', options.temperature, { from: 0, to: 2 });
  within('topP', options.topP, { from: 0, to: 1 });
  within('frequencyPenalty', options.frequencyPenalty, { from: -2, to: 2 });
  within('presencePenalty', options.presencePenalty, { from: -2, to: 2 });
  text('promptCacheKey', options.promptCacheKey);
  text('safetyIdentifier', options.safetyIdentifier);
  checkResponseFormat(options.responseFormat);
  checkStop(options.stop);
  const fields = sent.map((name) => [inSnakeCase(name), options[name]] as const);
  return {
    model,
    stream,
    thinking: toThinking('thinking', thinking),
    fields: Object.fromEntries(fields),
    omit,
    reasoningKey,
  };
}

/** Where nothing can be said about thinking, nothing is known of earlier thoughts either. */
function thinkingOf({ thinking, omit = [] }: EndpointUse): boolean | Thinking {
  return thinking ?? (omit.includes('thinking') ? { type: 'enabled' } : true);
}

/** How to read answers. Throws `invalid_option` for an option out of range. */
export function toDecodeSettings(model: string, options: AnyfastOptions): DecodeSettings {
  const { leakedCalls = 'read' } = options;
  if (leakedCalls !== 'read' && leakedCalls !== 'all' && leakedCalls !== 'none') {
    refuse('leakedCalls', leakedCalls, '"read", "all" or "none"');
  }
  return { leakedCalls, prices: toPrices(model, options.prices) };
}

/** The options that are sent as they stand, under the wire's own names, in this order. */
const sent = [
  'maxCompletionTokens',
  'temperature',
  'topP',
  'frequencyPenalty',
  'presencePenalty',
  'responseFormat',
  'stop',
  'promptCacheKey',
  'safetyIdentifier',
] as const;

function inSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The prices to count with, if any are known. */
function toPrices(model: string, given: Prices | null | undefined): Prices | undefined {
  if (given === null) return undefined;
  if (given === undefined) return priceList.models[model];
  for (const name of ['inputUsd', 'cachedUsd', 'outputUsd'] as const) {
    const price: unknown = given[name];
    if (typeof price !== 'number' || !(price >= 0 && price < Infinity)) {
      refuse(`prices.${name}`, price, 'a number from 0 (US dollars for a million tokens)');
    }
  }
  return given;
}

const mostStops = 5;
const longestStop = 32;

function checkStop(stop: unknown): void {
  if (stop === undefined) return;
  const wanted = `up to ${mostStops} texts of 1 to ${longestStop} bytes each`;
  const texts: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  if (texts.length === 0 || texts.length > mostStops) refuse('stop', stop, wanted);
  for (const one of texts) {
    const bytes = typeof one === 'string' ? new TextEncoder().encode(one).length : 0;
    if (bytes < 1 || bytes > longestStop) refuse('stop', one, wanted);
  }
}

function checkResponseFormat(format: ResponseFormat | undefined): void {
  if (format === undefined) return;
  const wanted =
    "{ type: 'text' }, { type: 'json_object' } or { type: 'json_schema', json_schema }";
  if (!isObject(format)) return refuse('responseFormat', format, wanted);
  if (format.type === 'text' || format.type === 'json_object') return;
  if (format.type !== 'json_schema') return refuse('responseFormat', format, wanted);
  const { json_schema: asked } = format;
  if (!isObject(asked) || !isObject(asked.schema)) return refuse('responseFormat', format, wanted);
  text('responseFormat.json_schema.name', asked.name);
}
/** How the answers of one model are read. */
export interface DecodeSettings {
  readonly leakedCalls: 'read' | 'all' | 'none';
  readonly prices: Prices | undefined;
}

/** What every request of one model carries. */
export interface EncodeSettings {
  readonly model: string;
  readonly stream: boolean;
  readonly thinking: Thinking;
  /** Top-level fields in the wire's own words; those that are undefined are not sent. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** What is not sent, since the endpoint refuses it. */
  readonly omit: readonly string[];
  /** Set: all reasoning goes back under this key. */
  readonly reasoningKey: EndpointUse['reasoningKey'];
}
