import type { Folded } from './ask.ts';
import { callDelta, frames } from './endpoint.ts';

/** A native call, as the template writes it. */
export const leaked = (id: string, args: string): string =>
  `<|tool_call_begin|>${id}<|tool_call_argument_begin|>${args}<|tool_call_end|>`;

/** A section of native calls. */
export const section = (...calls: readonly string[]): string =>
  `<|tool_calls_section_begin|>${calls.join('')}<|tool_calls_section_end|>`;

const call = section(leaked('functions.read:0', '{"city":"Paris"}'));
const proper = callDelta(0, { id: 'read:7', name: 'read', arguments: '{"city":"Oslo"}' });

/** Texts that hold native tokens and make no call: they are told as they are written. */
export const quotations: readonly (readonly [name: string, text: string])[] = [
  ['in a fence', `Look:\n\`\`\`\n${call}\n\`\`\``],
  ['in a fence that is never closed', `Look:\n\`\`\`text\n${call}`],
  ['in a longer fence with a shorter one in it', `\`\`\`\`md\n\`\`\`\n\`\`\`\n${call}`],
  ['in a fence of tildes', `~~~\n\`\`\`\n${call}`],
  ['in a fence in a list', `- one:\n  - \`\`\`sh\n    ${call}`],
  ['behind a fence mark that closes nothing', `\`\`\`\n> \`\`\`\n${call}`],
  ['in a code span', `It is \`${call}\``],
  ['in a code span that is never closed', `It is \`\` a \` ${call}`],
  ['in tags for code', `<pre><code>${call}`],
  ['in a quoted block', `He wrote:\n> ${call}`],
  ['in an indented block', `He wrote:\n\n    ${call}`],
  ['behind a quotation mark', `He wrote: "${call}`],
  ['behind a quotation mark of another kind', `他写道：“${call}`],
  [
    'whose id is behind a quotation mark',
    'x "read:0<|tool_call_argument_begin|>{}<|tool_call_end|>',
  ],
  ['in a string of an answer in JSON', `{"text": "x ${call}`],
  ['with words behind', `It writes ${call}, and the host reads it.`],
  ['with a dot behind', `It writes ${call}.`],
  ['with a proper call of the template behind', `${call}\nThen: <|tool_calls_section_end|>`],
  [
    'cut in its arguments',
    `It is <|tool_call_begin|>functions.read:0<|tool_call_argument_begin|>{"ci`,
  ],
  ['without its end token', '<|tool_call_begin|>functions.read:0<|tool_call_argument_begin|>{}'],
  [
    'whose end token stands in a string',
    '<|tool_call_begin|>functions.read:0<|tool_call_argument_begin|>{"city":"<|tool_call_end|>',
  ],
  ['as a bare token', 'The section opens with <|tool_calls_section_begin|>'],
  ['as an empty section', section()],
  ['as tokens of thinking', 'Put <think> before a thought and </think> behind it.'],
  ['as tokens between messages', 'A message ends with <|im_end|>, then comes <|im_user|>.'],
  ['as the end token in code', 'It is `<|im_end|>`'],
  ['as the end token in a fence', '```\nhi<|im_end|>'],
];

/** Streams in which a call stands in the text or in the thoughts, and what each means. */
export const leaks: readonly {
  readonly name: string;
  readonly deltas: readonly Record<string, unknown>[];
  readonly means: Partial<Folded>;
}[] = [
  {
    name: 'a call in an argument of a call is data',
    deltas: [{ content: leaked('functions.read:0', JSON.stringify({ city: call })) }],
    means: {
      text: '',
      calls: [{ id: 'functions.read:0', name: 'read', args: JSON.stringify({ city: call }) }],
    },
  },
  {
    name: 'a call behind an escaped quotation mark in an argument is data',
    deltas: [{ content: leaked('functions.read:0', JSON.stringify({ city: `\\"${call}` })) }],
    means: {
      calls: [
        { id: 'functions.read:0', name: 'read', args: JSON.stringify({ city: `\\"${call}` }) },
      ],
    },
  },
  {
    name: 'what breaks out of an argument makes no call',
    deltas: [{ content: leaked('functions.read:0', `{"city":"x" ${call} "}`) }],
    means: { text: leaked('functions.read:0', `{"city":"x" ${call} "}`), calls: [] },
  },
  {
    name: 'a call beside a proper one is a text about it',
    deltas: [{ content: call }, proper],
    means: { text: call, calls: [{ id: 'read:7', name: 'read', args: '{"city":"Oslo"}' }] },
  },
  {
    name: 'a call in the thoughts of an empty answer stays a thought',
    deltas: [{ reasoning_content: call }],
    means: { reasoning: call, calls: [] },
  },
  {
    name: 'a call between tags of thinking stays a thought',
    deltas: [{ content: `<think>${call}</think>Yes.` }],
    means: { reasoning: call, text: 'Yes.', calls: [] },
  },
  {
    name: 'a call with the end token of the message behind it is one',
    deltas: [{ content: `Hi.${call}<|im_end|>\n` }],
    means: {
      text: 'Hi.',
      calls: [{ id: 'functions.read:0', name: 'read', args: '{"city":"Paris"}' }],
    },
  },
  {
    name: 'a call behind closed code is one',
    deltas: [{ content: `Like \`x\`:\n\`\`\`\na\n\`\`\`\n${call}` }],
    means: {
      text: 'Like `x`:\n```\na\n```\n',
      calls: [{ id: 'functions.read:0', name: 'read', args: '{"city":"Paris"}' }],
    },
  },
  {
    name: 'a call behind a quotation of one is one, and the quotation stays',
    deltas: [{ content: `It is \`${call}\`.\n${call}` }],
    means: {
      text: `It is \`${call}\`.\n`,
      calls: [{ id: 'functions.read:0', name: 'read', args: '{"city":"Paris"}' }],
    },
  },
  ...['call_3', '0', '5b1f3c52-9a4e-4c1d-8f00-000000000a11', 'functions.rm:0'].map((id) => ({
    name: `a call with the id ${id}, which names no tool that there is, is told as one`,
    deltas: [{ content: `Hold on. ${leaked(id, '{"city":"x"}')}` }],
    means: {
      text: 'Hold on. ',
      calls: [{ id, name: id === 'functions.rm:0' ? 'rm' : id, args: '{"city":"x"}' }],
    },
  })),
  {
    name: 'a call that broke off is left as text',
    deltas: [{ content: '<|tool_call_begin|>functions.read:0<|tool_call_argument_begin|>{"ci' }],
    means: {
      text: '<|tool_call_begin|>functions.read:0<|tool_call_argument_begin|>{"ci',
      calls: [],
      warnings: ["The answer's text ends in the middle of a call."],
    },
  },
];

/** A stream of these deltas that ends well. */
export function ended(...deltas: readonly Record<string, unknown>[]): string {
  return frames(...deltas, { finish_reason: 'stop' }, '[DONE]');
}
