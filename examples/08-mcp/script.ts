import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { askedIn, found, toldIn } from '../lib/told.ts';
import type { Told } from '../lib/told.ts';

/** One scripted model plays the librarian and the desk that asks it. Which it is, it sees by the tools. */
export function house(request: ChatRequest): ScriptedAnswer {
  const desk = request.tools?.some(({ function: { name } }) => name === 'library__librarian');
  return desk ? askLibrarian(request) : librarian(askedIn(request), toldIn(request));
}

function askLibrarian(request: ChatRequest): ScriptedAnswer {
  const [told] = toldIn(request);
  if (told !== undefined) return { text: `The librarian says:\n${told.text}` };
  return say('The librarian has the notes.', 'library__librarian', { task: askedIn(request) });
}

/** Where the notes are, which there are, and what they hold, it learns from the MCP server. */
function librarian(task: string, told: readonly Told[]): ScriptedAnswer {
  const word = found(task, /\b(\w+)\?/);
  const root = told.find(({ name }) => name.endsWith('list_allowed_directories'));
  if (root === undefined) return say('Where may I look?', 'notes__list_allowed_directories', {});
  const path = found(root.text, /^(\/\S+)$/m);
  const listed = told.find(({ name }) => name.endsWith('list_directory'));
  if (listed === undefined) return say('Which notes are there?', 'notes__list_directory', { path });
  const names = [...listed.text.matchAll(/^\[FILE\] (.+)$/gm)].map(([, name]) => name);
  const read = told.filter(({ name }) => name.endsWith('read_text_file'));
  if (read.length === 0 && names.length > 0) {
    const calls = names.map((name) => ({
      name: 'notes__read_text_file',
      arguments: { path: `${path}/${name}` },
    }));
    return { reasoning: `I look for “${word}” in ${names.length} notes.`, calls };
  }
  const hits = read.flatMap(({ input, text }) =>
    text
      .split('\n')
      .filter((line) => line.includes(word))
      .map((line) => `${line} (${String(input['path']).split('/').at(-1)})`),
  );
  return { text: hits.join('\n') || `Nothing about ${word}.` };
}

function say(reasoning: string, name: string, input: object): ScriptedAnswer {
  return { reasoning, calls: [{ name, arguments: input }] };
}
