import type { ChatMessage, ChatRequest, ScriptedAnswer } from '@throughline/simulator';

/**
 * The model of a person without a key. It is no model: it picks a move by the words of the question, and tells what the tools
 * returned. A move is made only with a tool that the request offers.
 */
export function scriptedModel({ messages, tools = [] }: ChatRequest): ScriptedAnswer {
  const last = messages.at(-1);
  const offered = new Set(tools.map((tool) => tool.function.name));
  if (last?.role === 'tool') return tell(messages);
  const asked = textOf(last).trim();
  for (const { words, reasoning, call } of moves) {
    const match = words.exec(asked);
    const [name, input] = match === null ? [] : call(match);
    if (name === undefined || !offered.has(name)) continue;
    return { reasoning: `By rule: ${reasoning}`, calls: [{ name, arguments: input }] };
  }
  return explain(asked, [...offered]);
}

interface Move {
  readonly words: RegExp;
  readonly reasoning: string;
  call(match: RegExpExecArray): readonly [tool: string, input: unknown];
}

// The first that fits, and whose tool is offered, is made.
const moves: readonly Move[] = [
  {
    words: /^call ([\w-]+)\s*(\{[^]*\})?$/i,
    reasoning: 'the question names a tool and its arguments.',
    call: ([, name = '', input = '{}']) => [name, input],
  },
  {
    words: /^(?:run|execute) (?:the command )?[`"']?(.+?)[`"']?$/is,
    reasoning: 'a command shall run.',
    call: ([, command]) => ['run_command', { command }],
  },
  {
    words: /https?:\/\/[^\s"'`<>]+/i,
    reasoning: 'the question names a page.',
    call: ([url]) => ['fetch_page', { url }],
  },
  {
    words: /\b(?:search|look|grep) for [`"']?(.+?)[`"']?[.?!]?$/is,
    reasoning: 'the files shall be searched.',
    call: ([, text]) => ['search_files', { text }],
  },
  {
    words: /\b(?:read|show|open|summari[sz]e|what is in) [`"']?([\w./-]*\.\w+)/i,
    reasoning: 'the question names a file.',
    call: ([, path]) => ['read_file', { path }],
  },
  {
    words: /^plan:? (.+)$/is,
    reasoning: 'a plan is wanted.',
    call: ([, text = '']) => [
      'update_plan',
      {
        items: text.split(/\s*[,;\n]\s*/).map((title, at) => {
          return { title, status: at === 0 ? 'in_progress' : 'pending' };
        }),
      },
    ],
  },
  {
    words: /^ask me (.+)$/is,
    reasoning: 'a person shall choose.',
    call: ([, question]) => [
      'ask_user',
      { questions: [{ question, options: [{ label: 'Yes' }, { label: 'No' }] }] },
    ],
  },
  {
    words: /\b(?:files?|folders?|list|directory|project)\b/i,
    reasoning: 'the question is about files, so I look what there is.',
    call: () => ['list_files', {}],
  },
];

/** What the tools of the last step returned. */
function tell(messages: readonly ChatMessage[]): ScriptedAnswer {
  const at = messages.findLastIndex(({ role }) => role === 'assistant');
  const names = new Map(
    messages[at]?.tool_calls?.map(({ id, function: { name } }) => [id, name] as const),
  );
  const results = messages.slice(at + 1).filter(({ role }) => role === 'tool');
  const told = results.map((message) => {
    const lines = textOf(message).trimEnd().split('\n');
    const more = lines.length > 20 ? `\n… and ${lines.length - 20} lines more` : '';
    const fence = '`'.repeat(2 + longestTicks(lines.join('\n')));
    return `**${names.get(message.tool_call_id ?? '') ?? 'The tool'}** said:\n\n${fence}\n${lines.slice(0, 20).join('\n')}${more}\n${fence}`;
  });
  return {
    reasoning: 'By rule: the tools have answered, so I tell what they said.',
    text: `${told.join('\n\n')}\n\n*(This model is scripted.)*`,
  };
}

function longestTicks(text: string): number {
  return Math.max(1, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
}

function explain(asked: string, offered: readonly string[]): ScriptedAnswer {
  const tools = offered.length === 0 ? 'no tools' : `the tools ${offered.join(', ')}`;
  const quoted = asked.length > 200 ? `${asked.slice(0, 200)}…` : asked;
  return {
    reasoning: 'By rule: none of my moves fits these words, so I say what I can do.',
    text: [
      `You said: “${quoted.replaceAll(/\s+/g, ' ')}”`,
      `I am a **scripted** model, not Kimi. I was offered ${tools}, and I know these words:`,
      [
        '- `what files are here?`',
        '- `read README.md`',
        '- `search for words`',
        '- `run npm test`',
        '- `fetch https://example.com/`',
        '- `plan: look, mend, test`',
        '- `call tool_name {"its": "arguments"}`',
      ].join('\n'),
      'Set `ANYFAST_API_KEY` to ask a real one.',
    ].join('\n\n'),
  };
}

function textOf(message: ChatMessage | undefined): string {
  const content = message?.content ?? '';
  if (typeof content === 'string') return content;
  return content.map(({ text = '' }) => text).join('\n');
}
