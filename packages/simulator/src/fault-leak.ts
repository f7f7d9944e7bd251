import type { Answer } from './answer.ts';
import { faultList, type Fault, type Situation } from './fault.ts';

const sectionBegin = '<|tool_calls_section_begin|>';
const sectionEnd = '<|tool_calls_section_end|>';

/** The calls of an answer as the model's own tokens, with ids that count over the conversation. */
export function nativeCalls(answer: Answer, { callsBefore }: Situation): string {
  const calls = answer.calls.map(
    (call, at) =>
      `<|tool_call_begin|>functions.${call.name}:${callsBefore + at}<|tool_call_argument_begin|>${String(call.arguments)}<|tool_call_end|>`,
  );
  return calls.join('');
}

function nativeSection(answer: Answer, situation: Situation): string {
  return sectionBegin + nativeCalls(answer, situation) + sectionEnd;
}

function leakInContent(answer: Answer, situation: Situation): Answer {
  const text = (answer.text ?? '') + nativeSection(answer, situation);
  return { ...answer, text, calls: [], finishReason: 'stop' };
}

/** What happens by itself when calls are in the history and no tools are offered. */
export const leakWithoutTools: Fault<'leak-without-tools'> = {
  name: 'leak-without-tools',
  kind: 'answer',
  row: '4.2 #5',
  about: 'Calls leak into the text because the request offers no tools although it had calls.',
  needs: ['calls', 'calls without tools'],
  answer: leakInContent,
};

/** Calls that come as the model's own tokens instead of as calls. */
export const leakFaults = faultList([
  {
    name: 'leak-in-content',
    kind: 'answer',
    row: '4.2 #1',
    about: 'The calls come as native tokens in the text, the finish reason is stop.',
    needs: ['calls'],
    answer: leakInContent,
  },
]);
