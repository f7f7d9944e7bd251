import type { ModelPart } from '@throughline/core';

/** The part that ends an answer. */
export type Finish = Extract<ModelPart, { type: 'finish' }>;

/** What a host's word says of the answer; from the least grave. */
const kinds = ['done', 'unknown', 'length', 'content_filter', 'failed'] as const;
type Kind = (typeof kinds)[number];

/** A finish reason as the host spelt it, and what it says. */
export interface Said {
  readonly word: string;
  readonly kind: Kind;
}

/**
 * What the words stand for that hosts and the models' own interfaces use: OpenAI, Moonshot, DeepSeek
 * (`insufficient_system_resource`), Zhipu (`sensitive`, `network_error`), Mistral (`model_length`, `error`), Anthropic,
 * Gemini, Cohere and vLLM (`abort`). Compared in lower case, with underscores.
 */
const listedKinds: Readonly<Record<string, Kind>> = {
  stop: 'done',
  tool_calls: 'done',
  tool_call: 'done',
  tool_use: 'done',
  function_call: 'done',
  function_calls: 'done',
  end_turn: 'done',
  stop_sequence: 'done',
  eos: 'done',
  eos_token: 'done',
  complete: 'done',
  completed: 'done',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  sensitive: 'content_filter',
  safety: 'content_filter',
  refusal: 'content_filter',
  recitation: 'content_filter',
  blocklist: 'content_filter',
  spii: 'content_filter',
};

/** For words that are not listed: what they speak of. The first that fits counts. */
const hints: readonly (readonly [RegExp, Kind])[] = [
  [/filter|sensitive|safety|moderat|guardrail|prohibit|policy|censor/, 'content_filter'],
  [/error|fail|abort|cancel|interrupt|time_?d?_?out|network|resource|overload/, 'failed'],
  [/unavailable|disconnect|malformed|incomplete|killed|exception/, 'failed'],
  [/length|max_\w*token|token_limit|context_window|truncat/, 'length'],
];

/** Reads a finish reason. */
export function readFinish(word: string): Said {
  const plain = word
    .slice(0, 100)
    .trim()
    .toLowerCase()
    .replace(/[-\s]+/g, '_');
  const listed = Object.hasOwn(listedKinds, plain) ? listedKinds[plain] : undefined;
  const hinted = hints.find(([hint]) => hint.test(plain))?.[1];
  return { word, kind: listed ?? hinted ?? 'unknown' };
}

/** Of two words the graver: a closing chunk may say `stop` of an answer that was cut. */
export function graver(before: Said | undefined, next: Said): Said {
  if (before === undefined) return next;
  return kinds.indexOf(next.kind) > kinds.indexOf(before.kind) ? next : before;
}

/** The finish where the host said why the model stopped; undefined where it did not, invented a reason, or failed. */
export function knownFinish(said: Said | undefined, makesCalls: boolean): Finish | undefined {
  if (said?.kind === 'length' || said?.kind === 'content_filter') {
    return { type: 'finish', reason: said.kind };
  }
  if (said?.kind !== 'done') return undefined;
  return { type: 'finish', reason: makesCalls ? 'tool_calls' : 'stop' };
}
