/** Usage as the endpoint reports it, all counters consistent with one another. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly cached_tokens?: number;
  readonly completion_tokens_details?: { readonly reasoning_tokens: number };
  readonly prompt_tokens_details?: { readonly cached_tokens: number };
}

/** A call of an answer. Its members are loose, because faults make them wrong on purpose. */
export interface AnswerCall {
  readonly id?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly arguments?: unknown;
}

/** What the scripted model says to one request, before it is put on the wire. */
export interface Answer {
  readonly reasoning: string;
  readonly reasoningKey:
    | 'reasoning_content'
    | 'reasoning'
    | 'reasoning_details'
    | 'reasoning_text'
    | 'reasoning object'
    | 'thinking part';
  readonly text: string | null | undefined;
  readonly calls: readonly AnswerCall[];
  readonly finishReason: string | null | undefined;
  readonly usage: Usage;
}

/** Puts four counts into the endpoint's shape: `cached_tokens` is there on a hit only. */
export function makeUsage(counts: {
  readonly prompt: number;
  readonly completion: number;
  readonly cached: number;
  readonly reasoning: number;
}): Usage {
  const { prompt, completion, cached, reasoning } = counts;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(cached > 0 && { cached_tokens: cached }),
    ...(reasoning > 0 && { completion_tokens_details: { reasoning_tokens: reasoning } }),
    ...(cached > 0 && { prompt_tokens_details: { cached_tokens: cached } }),
  };
}
