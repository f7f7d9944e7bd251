import type { AnswerGiven, Usage } from '@throughline/core';

/** A stored answer as the endpoint would stream it: one chunk for each part. */
export function answerFrames(answer: AnswerGiven, model: string): readonly string[] {
  const head = { ...headOf(answer, model), object: 'chat.completion.chunk' };
  const { usage, finishReason } = answer;
  const chunk = (delta: object, finish: string | null = null) =>
    frame({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] });
  const { content, reasoning, reasoning_content: thought, tool_calls: calls = [] } = said(answer);
  return [
    chunk({ role: 'assistant', content: '' }),
    ...(thought ? [chunk({ reasoning_content: thought })] : []),
    ...(reasoning ? [chunk({ reasoning })] : []),
    ...(content ? [chunk({ content })] : []),
    ...calls.map((call, index) => chunk({ tool_calls: [{ index, ...call }] })),
    chunk({}, finishReason),
    ...(counted(usage) ? [frame({ ...head, choices: [], usage: usageOnWire(usage) })] : []),
    'data: [DONE]\n\n',
  ];
}

/** The same in one piece, for a request that asks for no stream. */
export function answerBody(answer: AnswerGiven, model: string): string {
  const { usage, finishReason } = answer;
  return JSON.stringify({
    ...headOf(answer, model),
    object: 'chat.completion',
    choices: [{ index: 0, message: said(answer), finish_reason: finishReason }],
    ...(counted(usage) ? { usage: usageOnWire(usage) } : {}),
  });
}

function headOf({ runId, step, endedAtMs, response }: AnswerGiven, model: string): object {
  const id = response?.id ?? `chatcmpl-${runId}-${step}`;
  return { id, created: Math.floor(endedAtMs / 1000), model: response?.model ?? model };
}

/** The message as the model wrote it: with arguments that could not be read, so that they cannot be read again. */
function said({ message, broken = {} }: AnswerGiven): AnswerGiven['message'] {
  if (message.tool_calls === undefined) return message;
  const calls = message.tool_calls.map((call, index) => {
    const written = broken[index + 1] ?? call.function.arguments;
    return { ...call, function: { ...call.function, arguments: written } };
  });
  return { ...message, tool_calls: calls };
}

/** An estimate was made because the endpoint did not count, and is made again. */
function counted(usage: Usage | undefined): usage is Usage {
  return usage !== undefined && usage.estimated !== true;
}

function usageOnWire(usage: Usage): object {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    cached_tokens: usage.cachedTokens,
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}

function frame(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
