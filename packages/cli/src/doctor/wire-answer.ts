import { cachedIn, isFields, partsOf, toCount, usageIn } from './endpoint-client.ts';
import type { Fields, Reply } from './endpoint-client.ts';

/** An answer as it stands on the wire, put together from its frames or read from one body. Nothing is mended. */
export interface WireAnswer {
  readonly text: string;
  readonly reasoning: string;
  /** The key that the reasoning came under. */
  readonly reasoningKey: string | undefined;
  readonly calls: readonly WireCall[];
  readonly finish: string | undefined;
  readonly usage: Fields | undefined;
}

export interface WireCall {
  id: string;
  name: string;
  arguments: string;
}

const reasoningKeys = ['reasoning_content', 'reasoning', 'reasoning_text'];

export function wireAnswer(reply: Reply): WireAnswer {
  const { choices } = partsOf(reply);
  const messages = choices.flatMap((choice) => {
    const message = choice['message'] ?? choice['delta'];
    return isFields(message) ? [message] : [];
  });
  const joined = (key: string) => messages.map((one) => textIn(one[key])).join('');
  const reasoningKey = reasoningKeys.find((key) => joined(key) !== '');
  return {
    text: joined('content'),
    reasoning: reasoningKey === undefined ? '' : joined(reasoningKey),
    reasoningKey,
    calls: callsIn(messages),
    finish: choices
      .map((choice) => choice['finish_reason'])
      .findLast((word) => typeof word === 'string'),
    usage: usageIn(reply),
  };
}

function callsIn(messages: readonly Fields[]): readonly WireCall[] {
  const calls = new Map<number, WireCall>();
  for (const { tool_calls: list } of messages) {
    for (const [at, one] of (Array.isArray(list) ? list : []).entries()) {
      if (!isFields(one)) continue;
      const index = typeof one['index'] === 'number' ? one['index'] : at;
      const call = calls.get(index) ?? { id: '', name: '', arguments: '' };
      calls.set(index, call);
      const { name, arguments: piece } = isFields(one['function']) ? one['function'] : {};
      call.id ||= textIn(one['id']);
      call.name ||= textIn(name);
      call.arguments += textIn(piece);
    }
  }
  return [...calls.values()];
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Tokens of the question, as the endpoint counted them; 0 where it did not. */
export function promptTokens({ usage }: WireAnswer): number {
  return toCount(usage?.['prompt_tokens']);
}

/** Those of them that came from the cache. */
export function cachedTokens({ usage }: WireAnswer): number {
  return usage === undefined ? 0 : cachedIn(usage);
}
