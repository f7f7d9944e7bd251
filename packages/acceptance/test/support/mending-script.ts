import type {
  ChatMessage,
  ChatRequest,
  ScriptedAnswer,
  ScriptedCall,
} from '@throughline/simulator';

/** The command that runs the tests of the small repository, in a form whose words are the same in every Node. */
export const testCommand = 'node --test --test-reporter=tap';

/**
 * A scripted model that mends a failing test. Its way is fixed; each path, name, number and choice it uses is taken from what the
 * tools told it, so that it fails where one of them tells something else.
 */
export function mendingScript({ messages }: ChatRequest): ScriptedAnswer {
  const told = toldIn(messages);
  const runs = told.filter(({ input }) => input['command'] === testCommand);
  const [failure] = runs;
  if (failure === undefined) {
    const calls = [planAt(0), call('run_command', { command: testCommand })];
    return { reasoning: 'First I see what fails.\n', calls };
  }
  if (runs.at(-1)?.text.startsWith('Exit code 0 ')) return report(told);
  return lookInto(failure.text, told) ?? mend(told);
}

/** From the failure to the test, from the test to the code, and to the question that neither answers. */
function lookInto(failure: string, told: readonly Told[]): ScriptedAnswer | undefined {
  const testPath = found(failure, /(test\/[\w.]+\.mjs)/);
  const test = told.find(({ input }) => input['path'] === testPath);
  if (test === undefined) {
    return { reasoning: `It is in ${testPath}.`, calls: [call('read_file', { path: testPath })] };
  }
  const path = found(test.text, /from '\.\.\/([\w/]+\.mjs)'/);
  const name = found(test.text, /import \{ (\w+) \}/);
  const code = told.find(({ input }) => input['path'] === path);
  if (code === undefined) {
    const search = call('search_files', { text: `${name}(` });
    return { reasoning: 'Who uses it?', calls: [planAt(1), search, call('read_file', { path })] };
  }
  if (told.some(({ name }) => name === 'ask_user')) return undefined;
  const [actual, expected] = [/actual: (\d+)/, /expected: (\d+)/].map((of) => found(failure, of));
  const files = new Set(resultOf(told, 'search_files').match(/^[\w/.]+(?=:\d+: )/gm));
  const now = found(code.text, /(Math\.\w+)/);
  const question = `${name}, used in ${files.size} files, gives ${actual} by ${now}; the test wants ${expected}. How shall it round?`;
  const options = [
    { label: 'To the nearest cent', description: 'Math.round' },
    { label: 'Always up', description: 'Math.ceil' },
  ];
  const ask = call('ask_user', { questions: [{ question, options }] });
  return { reasoning: 'Both would pass. Only a person knows. 🤔', calls: [ask] };
}

/** What the person chose, and then the test again. */
function mend(told: readonly Told[]): ScriptedAnswer {
  if (told.some(({ name, text }) => name === 'edit_file' && text.includes('1 place changed'))) {
    const again = call('run_command', { command: testCommand });
    return { reasoning: 'Now it should pass.', calls: [planAt(3), again] };
  }
  const { answers } = JSON.parse(resultOf(told, 'ask_user')) as {
    readonly answers: readonly { readonly chosen: readonly string[] }[];
  };
  const asked = told.find(({ name }) => name === 'ask_user')?.input as {
    readonly questions: readonly [
      { readonly options: readonly { readonly label: string; readonly description: string }[] },
    ];
  };
  const label = answers[0]?.chosen[0];
  const wanted = asked.questions[0].options.find((option) => option.label === label)?.description;
  const code = told.findLast(({ name }) => name === 'read_file');
  const now = found(code?.text ?? '', /(Math\.\w+)/);
  const last = told.at(-1);
  if (last?.name === 'edit_file' && /was not read in this run/.test(last.text)) {
    const again = call('read_file', { path: last.input['path'] });
    return { reasoning: 'This process has not read it yet.', calls: [again] };
  }
  const edits = [{ old_string: now, new_string: wanted }];
  const edit = call('edit_file', { path: code?.input['path'], edits });
  return { reasoning: `The person says: ${label}.`, calls: [planAt(2), edit] };
}

function report(told: readonly Told[]): ScriptedAnswer {
  const diff = told.find(({ input }) => input['command'] === 'git diff');
  if (diff === undefined) {
    const calls = [planAt(4), call('run_read_command', { command: 'git diff' })];
    return { reasoning: 'It passes. What did I change?', calls };
  }
  const line = found(diff.text, /^\+ +(.*)$/m);
  return { reasoning: 'That is all.', text: `The test passes, with: ${line}` };
}

const titles = ['See what fails', 'Find out why', 'Mend it', 'See it pass'];

/** The plan with so many items done. */
function planAt(done: number): ScriptedCall {
  const items = titles.map((title, at) => {
    const status = at < done ? 'done' : at === done ? 'in_progress' : 'pending';
    return { title, status };
  });
  return call('update_plan', { items });
}

function call(name: string, input: object): ScriptedCall {
  return { name, arguments: input };
}

/** A call that has its result. */
interface Told {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function toldIn(messages: readonly ChatMessage[]): readonly Told[] {
  const calls = messages.flatMap(({ tool_calls }) => tool_calls ?? []);
  return messages.flatMap(({ role, tool_call_id, content }) => {
    if (role !== 'tool') return [];
    const made = calls.find(({ id }) => id === tool_call_id);
    if (made?.function === undefined) throw new Error(`A result of no call: ${tool_call_id}.`);
    const input = JSON.parse(String(made.function.arguments)) as Told['input'];
    return [{ name: String(made.function.name), input, text: String(content) }];
  });
}

/** What the pattern captures of a text. Throws where it fits nowhere: then a tool told something else. */
function found(text: string, pattern: RegExp): string {
  const hit = pattern.exec(text)?.[1];
  if (hit === undefined) throw new Error(`No ${String(pattern)} in: ${text}`);
  return hit;
}

function resultOf(told: readonly Told[], name: string): string {
  const hit = told.find((one) => one.name === name);
  if (hit === undefined) throw new Error(`There is no result of ${name}.`);
  return hit.text;
}
