import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { found, toldIn } from '../lib/told.ts';
import type { Told } from '../lib/told.ts';
import { testCommand } from './mender.ts';

/**
 * A scripted programmer who knows one kind of fault: a number that is one too small because something rounds down. The test, the
 * file and the line it finds in what the tools return.
 */
export function programmer(request: ChatRequest): ScriptedAnswer {
  const told = toldIn(request);
  const runs = told.filter(({ input }) => input['command'] === testCommand);
  const failure = runs[0];
  if (failure === undefined)
    return say('First I see what fails.', 'run_command', { command: testCommand });
  if (runs.length === 1 && failure.text.startsWith('Exit code 0'))
    return { text: 'All tests pass. There is nothing to mend.' };
  const reads = told.filter(({ name }) => name === 'read_file');
  const path = found(failure.text, /(test\/[\w.]+\.mjs)/);
  const [test, code] = reads;
  if (test === undefined)
    return say(`It is in ${path}. What does the test want?`, 'read_file', { path });
  if (code === undefined) {
    const source = found(test.text, /from '\.\.\/([\w/]+\.mjs)'/);
    return say(`The test calls ${source}.`, 'read_file', { path: source });
  }
  if (!told.some(({ name }) => name === 'edit_file')) return mend(failure, code);
  if (runs.length === 1) return say('Does it pass now?', 'run_command', { command: testCommand });
  return report(told, String(runs.at(-1)?.text));
}

function mend(failure: Told, code: Told): ScriptedAnswer {
  const [actual, expected] = [/actual: (\d+)/, /expected: (\d+)/].map((of) =>
    found(failure.text, of),
  );
  const line = /^.*Math\.floor\(.*$/m.exec(code.text)?.[0];
  if (Number(expected) - Number(actual) !== 1 || line === undefined) {
    return {
      text: `I am a script, and know only code that rounds down. The test wants ${expected} and gets ${actual}.`,
    };
  }
  const edits = [{ old_string: line, new_string: line.replace('Math.floor', 'Math.round') }];
  const why = `It gives ${actual} where ${expected} is wanted: Math.floor loses half a cent.`;
  return say(why, 'edit_file', { path: code.input['path'], edits });
}

function report(told: readonly Told[], last: string): ScriptedAnswer {
  if (!last.startsWith('Exit code 0')) return { text: `It still fails:\n${last}` };
  const diff = told.find(({ input }) => input['command'] === 'git diff');
  if (diff === undefined)
    return say('It passes. What did I change?', 'run_read_command', { command: 'git diff' });
  return {
    text: `All ${found(last, /# pass (\d+)/)} tests pass now, with:\n${found(diff.text, /^(\+ .*)$/m)}`,
  };
}

function say(reasoning: string, name: string, input: object): ScriptedAnswer {
  return { reasoning, calls: [{ name, arguments: input }] };
}
