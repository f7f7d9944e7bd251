import { makeUsage, type Answer, type Usage } from '../wire/answer.ts';
import { countCalls, isThinking, type ChatRequest } from '../wire/chat-request.ts';
import { estimateTokens, firstTokens, tokensOfBytes } from '../wire/token.ts';
import type { ScriptedAnswer } from './scripted-answer.ts';

/** What is known of the prompt when an answer is composed. */
export interface PromptAccount {
  readonly promptBytes: number;
  readonly cachedBytes: number;
}

/**
 * Makes the full answer of a scripted one: native ids counted over the conversation, arguments as
 * text, the budget kept, usage counted. Without thinking there is no reasoning.
 */
export function composeAnswer(
  scripted: ScriptedAnswer,
  request: ChatRequest,
  prompt: PromptAccount,
): Answer {
  const first = countCalls(request.messages);
  const whole = {
    reasoning: isThinking(request) ? (scripted.reasoning ?? '') : '',
    text: scripted.text ?? '',
    calls: (scripted.calls ?? []).map((call, at) => ({
      id: call.id ?? `${call.name}:${first + at}`,
      name: call.name,
      arguments:
        typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments ?? {}),
    })),
    finishReason: scripted.finishReason ?? (scripted.calls?.length ? 'tool_calls' : 'stop'),
  };
  // Only the strictest level has made sure that the budget is a number.
  const budget = Number(request.max_completion_tokens);
  const said = budget >= 1 ? keepBudget(whole, budget) : whole;
  return { ...said, reasoningKey: 'reasoning_content', usage: account(said, scripted, prompt) };
}

interface Said {
  readonly reasoning: string;
  readonly text: string;
  readonly calls: readonly { readonly id: string; name: string; readonly arguments: string }[];
  readonly finishReason: string;
}

function keepBudget(said: Said, budget: number): Said {
  if (completionTokens(said) <= budget) return said;
  let left = budget;
  const spend = (text: string): string => {
    const kept = firstTokens(text, left);
    left = Math.max(0, left - estimateTokens(text));
    return kept;
  };
  const reasoning = spend(said.reasoning);
  const text = spend(said.text);
  const calls = [];
  for (const call of said.calls) {
    if (left === 0) break;
    spend(call.name);
    calls.push({ ...call, arguments: spend(call.arguments) });
  }
  return { reasoning, text, calls, finishReason: 'length' };
}

function completionTokens(said: Said): number {
  let tokens = estimateTokens(said.reasoning) + estimateTokens(said.text);
  for (const call of said.calls) tokens += estimateTokens(call.name + call.arguments);
  return tokens;
}

function account(said: Said, scripted: ScriptedAnswer, prompt: PromptAccount): Usage {
  const given = scripted.usage ?? {};
  const promptTokens = given.prompt_tokens ?? tokensOfBytes(prompt.promptBytes);
  const completion = given.completion_tokens ?? completionTokens(said);
  const cached = given.cached_tokens ?? Math.floor(prompt.cachedBytes / 4);
  const reasoning = given.reasoning_tokens ?? estimateTokens(said.reasoning);
  return makeUsage({
    prompt: promptTokens,
    completion,
    cached: Math.min(cached, promptTokens),
    reasoning: Math.min(reasoning, completion),
  });
}
