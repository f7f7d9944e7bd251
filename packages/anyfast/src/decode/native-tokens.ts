/**
 * The special tokens of the model's template, as MoonshotAI/Kimi-K2 has them in docs/tool_call_guidance.md and in the
 * configuration of its tokenizer. Some hosts spell a section in the singular.
 */
export const sectionBegin: readonly string[] = [
  '<|tool_calls_section_begin|>',
  '<|tool_call_section_begin|>',
];
export const sectionEnd: readonly string[] = [
  '<|tool_calls_section_end|>',
  '<|tool_call_section_end|>',
];
export const callBegin = '<|tool_call_begin|>';
export const argumentBegin = '<|tool_call_argument_begin|>';
export const callEnd = '<|tool_call_end|>';
export const thinkBegin = '<think>';
export const thinkEnd = '</think>';
/** Ends a message. */
export const messageEnd = '<|im_end|>';
/** What the template puts between two messages. */
export const betweenMessages: readonly string[] = [
  messageEnd,
  '<|im_user|>',
  '<|im_assistant|>',
  '<|im_system|>',
  '<|im_middle|>',
];
/** No tokens, but where one of them stands inside such tags it is an example. */
const codeTags = ['<code', '<pre', '</code', '</pre'];

const tokens = [
  ...sectionBegin,
  ...sectionEnd,
  callBegin,
  argumentBegin,
  callEnd,
  thinkBegin,
  thinkEnd,
  ...betweenMessages,
  ...codeTags,
];
const longest = Math.max(...tokens.map(({ length }) => length));

/** The token, or the beginning of a code tag, at this `<` of the text. */
export function tokenAt(text: string, at: number): string | undefined {
  return tokens.find((token) => text.startsWith(token, at));
}

/** Whether the text ends in what may become a token, from this `<` on. */
export function isPartial(text: string, at: number): boolean {
  if (text.length - at >= longest) return false;
  const rest = text.slice(at);
  return tokens.some((token) => token.startsWith(rest));
}

export function isCodeTag(token: string): boolean {
  return codeTags.includes(token);
}

/** Whether a token is part of the template's calls, or stands between messages. */
export function isOfCalls(token: string): boolean {
  return token.startsWith('<|');
}
