import type { Answer } from '../wire/answer.ts';
import { faultList, type Fault, type Situation } from './fault.ts';
import type { Source } from './source.ts';

const sectionBegin = '<|tool_calls_section_begin|>';
const sectionEnd = '<|tool_calls_section_end|>';

/** Calls that come as the model's own tokens instead of as calls. */
export const leakFaults = faultList([
  leak(
    'leak-in-content',
    'leak-in-text',
    'The calls come as native tokens in the text, finish reason stop.',
    inContent,
  ),
  leak(
    'leak-in-reasoning',
    'leak-in-reasoning',
    'The calls come as native tokens in the reasoning.',
    (answer, situation) => ({
      ...stopped(answer),
      reasoning: answer.reasoning + section(answer, situation),
      text: '',
    }),
  ),
  leak(
    'leak-without-section',
    'broken-leak',
    'Native tokens in the text without the section around them.',
    (answer, situation) => ({
      ...stopped(answer),
      text: (answer.text ?? '') + calls(answer, situation),
    }),
  ),
  leak(
    'leak-cut-start',
    'broken-leak',
    'Native tokens in the text whose leading token is cut off.',
    (answer, situation) => ({
      ...stopped(answer),
      text:
        (answer.text ?? '') + calls(answer, situation).replace('<|tool_call_begin|>functions.', ''),
    }),
  ),
  leak(
    'leak-unclosed-think',
    'broken-leak',
    'Thinking is never closed: text and native tokens lie in the reasoning.',
    (answer, situation) => ({
      ...stopped(answer),
      reasoning: answer.reasoning + (answer.text ?? '') + section(answer, situation),
      text: '',
    }),
  ),
  leak(
    'leak-singular-section',
    'native-tokens',
    'Native tokens in the text with the section spelled in the singular.',
    (answer, situation) => ({
      ...stopped(answer),
      text:
        (answer.text ?? '') +
        section(answer, situation).replaceAll('_calls_section_', '_call_section_'),
    }),
  ),
  leak(
    'leak-unknown-tool',
    'native-tokens',
    'Native tokens in the text whose ids name no tool.',
    (answer, situation) => ({
      ...stopped(answer),
      text:
        (answer.text ?? '') +
        section(answer, situation).replaceAll(/functions\.\w+:(\d+)/g, 'call_$1'),
    }),
  ),
  leak(
    'leak-nested',
    'native-tokens',
    'An argument of a native call in the text holds a whole native call.',
    (answer, situation) => {
      const city = calls(answer, situation);
      const outer = {
        ...answer,
        calls: [{ ...answer.calls[0], arguments: JSON.stringify({ city }) }],
      };
      return { ...stopped(answer), text: (answer.text ?? '') + section(outer, situation) };
    },
  ),
  leak(
    'leak-broken-off',
    'native-tokens',
    'Native tokens in the text that break off inside the arguments.',
    (answer, situation) => ({
      ...stopped(answer),
      text: (answer.text ?? '') + calls(answer, situation).replace(/\}<\|tool_call_end\|>.*$/s, ''),
    }),
  ),
  leak(
    'leak-quoted',
    'native-tokens',
    'The text quotes a native call in code, beside proper calls.',
    (answer, situation) => ({
      ...answer,
      text: `${answer.text ?? ''} \`${section(answer, situation)}\``,
    }),
  ),
  leak(
    'leak-quoted-at-end',
    'native-tokens',
    'The text quotes other native calls without any mark, beside proper calls.',
    (answer, situation) => {
      const other = { ...answer, calls: [{ name: answer.calls[0]?.name, arguments: '{}' }] };
      return { ...answer, text: `${answer.text ?? ''} ${section(other, situation)}` };
    },
  ),
  {
    name: 'leak-after-odd-ids',
    kind: 'answer',
    source: 'odd-ids',
    about: 'Calls leak into the text because ids in the history are not of the form name:n.',
    needs: ['calls', 'odd ids in history'],
    answer: inContent,
  },
  {
    name: 'leak-in-prose',
    kind: 'answer',
    source: 'native-tokens',
    about: 'The text before a call speaks of the tokens and of the marks of thinking.',
    needs: ['calls', 'text'],
    answer: (answer) => ({
      ...answer,
      text: `${answer.text} It writes <|im_end|> at the end, <think> before a thought and </think> behind it.`,
    }),
  },
  {
    name: 'leak-end-token',
    kind: 'answer',
    source: 'native-tokens',
    about: 'The text ends with the token that ends an answer.',
    needs: ['text'],
    answer: (answer) => ({ ...answer, text: `${answer.text}<|im_end|>` }),
  },
]);

/** What happens by itself when calls are in the history and no tools are offered. */
export const leakWithoutTools: Fault<'leak-without-tools'> = {
  name: 'leak-without-tools',
  kind: 'answer',
  source: 'leak-without-tools',
  about: 'Calls leak into the text because the request offers no tools although it had calls.',
  needs: ['calls', 'calls without tools'],
  answer: inContent,
};

function leak<const Name extends string>(
  name: Name,
  source: Source,
  about: string,
  answer: (answer: Answer, situation: Situation) => Answer,
): Fault<Name> {
  return {
    name,
    kind: 'answer',
    source,
    about,
    needs: ['calls'],
    answer: (given, situation) => (given.calls.length > 0 ? answer(given, situation) : given),
  };
}

function inContent(answer: Answer, situation: Situation): Answer {
  if (answer.calls.length === 0) return answer;
  return { ...stopped(answer), text: (answer.text ?? '') + section(answer, situation) };
}

function stopped(answer: Answer): Answer {
  return { ...answer, calls: [], finishReason: 'stop' };
}

function section(answer: Answer, situation: Situation): string {
  return sectionBegin + calls(answer, situation) + sectionEnd;
}

function calls(answer: Answer, { callsBefore }: Situation): string {
  return answer.calls
    .map(
      (call, at) =>
        `<|tool_call_begin|>functions.${call.name}:${callsBefore + at}<|tool_call_argument_begin|>${String(call.arguments)}<|tool_call_end|>`,
    )
    .join('');
}
