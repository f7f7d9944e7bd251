import type { Attributes } from '@opentelemetry/api';
import type { ModelErrorCode, Usage } from '@throughline/core';
import type { AskedWith } from './asked-with.ts';

/** What is known of a question before it is answered. */
export function chatAttributes({ model, parameters = {} }: AskedWith): Attributes {
  const attributes: Attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.stream': isStreamed(parameters),
  };
  if (model !== '') attributes['gen_ai.request.model'] = model;
  for (const [parameter, attribute] of numbers) {
    const value = parameters[parameter];
    if (typeof value === 'number') attributes[attribute] = value;
  }
  const stop = [parameters['stop']].flat().filter((text) => typeof text === 'string');
  if (stop.length > 0) attributes['gen_ai.request.stop_sequences'] = stop;
  const level = parameters['reasoning_effort'];
  if (typeof level === 'string') attributes['gen_ai.request.reasoning.level'] = level;
  return attributes;
}

/** Whether the answer comes in chunks, as far as the parameters say. */
export function isStreamed(parameters: AskedWith['parameters']): boolean {
  return parameters?.['stream'] !== false;
}

const numbers = [
  ['max_tokens', 'gen_ai.request.max_tokens'],
  ['max_completion_tokens', 'gen_ai.request.max_tokens'],
  ['temperature', 'gen_ai.request.temperature'],
  ['top_p', 'gen_ai.request.top_p'],
  ['frequency_penalty', 'gen_ai.request.frequency_penalty'],
  ['presence_penalty', 'gen_ai.request.presence_penalty'],
] as const;

/** Tokens. The conventions have no cache counts on `invoke_agent`. */
export function usageAttributes(usage: Usage, on: 'chat' | 'invoke_agent'): Attributes {
  const { inputTokens, cachedTokens, outputTokens, reasoningTokens, costUsd, estimated } = usage;
  return {
    'gen_ai.usage.input_tokens': inputTokens,
    'gen_ai.usage.output_tokens': outputTokens,
    'gen_ai.usage.reasoning.output_tokens': reasoningTokens,
    ...(on === 'chat' ? { 'gen_ai.usage.cache_read.input_tokens': cachedTokens } : {}),
    ...(costUsd === undefined ? {} : { 'throughline.cost_usd': costUsd }),
    ...(estimated ? { 'throughline.usage.estimated': true } : {}),
  };
}

/** Whether a run failed because the model was asked, and not before. */
export function isModelError(code: string | undefined): boolean {
  return code !== undefined && Object.hasOwn(modelErrors, code);
}

const modelErrors: Readonly<Record<ModelErrorCode, true>> = {
  missing_api_key: true,
  authentication: true,
  permission: true,
  quota: true,
  rate_limit: true,
  overloaded: true,
  model_not_found: true,
  invalid_request: true,
  context_overflow: true,
  request_too_large: true,
  content_filter: true,
  server: true,
  connection: true,
  timeout: true,
  bad_response: true,
  incomplete_answer: true,
  endless_reasoning: true,
  answer_too_large: true,
  empty_answer: true,
  cassette: true,
};
