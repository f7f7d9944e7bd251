import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildPrograms } from '../../../../.ci/programs.ts';
import { readFlags } from '../../src/cli/flags.ts';
import { readScript } from '../../src/cli/script-file.ts';
import { faults } from '../../src/index.ts';
import { body, call, start, until } from '../support.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
beforeAll(() => buildPrograms(join(root, '.tested'), { bin: join(root, 'src/bin.ts') }));

interface Run {
  readonly child: ChildProcess;
  out: string;
  err: string;
  code: number | null | undefined;
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, ['.tested/bin.mjs', ...args], { cwd: root });
  const seen: Run = { child, out: '', err: '', code: undefined };
  child.stdout.on('data', (chunk) => (seen.out += String(chunk)));
  child.stderr.on('data', (chunk) => (seen.err += String(chunk)));
  child.on('close', (code) => (seen.code = code));
  onTestFinished(() => void child.kill('SIGKILL'));
  return seen;
}

async function ended(seen: Run): Promise<Run> {
  for (let tries = 0; tries < 1000 && seen.code === undefined; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return seen;
}

async function listening(seen: Run): Promise<string> {
  for (let tries = 0; tries < 1000 && !seen.out.includes('Ctrl-C'); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return /http:\/\/127\.0\.0\.1:\d+\/v1/.exec(seen.out)?.[0] ?? '';
}

function file(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function question(
  url: string,
  changes: Record<string, unknown> = {},
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer simulator-key', 'content-type': 'application/json' },
    body: JSON.stringify(body(changes)),
  });
  return { status: response.status, text: await response.text() };
}

test('the command says that the model is scripted, serves, prints a line per request and ends on a signal', async () => {
  const script = file('script.json', JSON.stringify([{ text: 'From the file.' }]));
  const seen = run('--port', '0', '--script', script, '--fault', 'upstream-unavailable');
  const url = await listening(seen);
  expect(seen.out).toContain('SCRIPTED');
  expect(seen.out).toContain('upstream-unavailable');
  expect((await question(url)).status).toBe(503);
  expect((await question(url)).text).toContain('From the file.');
  await until(() => seen.out.includes('answer 1'));
  expect(seen.out).toMatch(
    / 1 {2}503 {2}POST \/v1\/chat\/completions · \d+ ms · fault upstream-unavailable/,
  );
  expect(seen.out).toMatch(
    / 2 {2}200 {2}POST \/v1\/chat\/completions · scripted answer 1 · \d+ ms · attempt 2/,
  );
  seen.child.kill('SIGTERM');
  expect((await ended(seen)).code).toBe(0);
});

test('a script may be a module that exports a function', async () => {
  const text =
    'export const script = ({ messages }) => ({ text: `You said ${messages.length}.` });';
  const simulator = await start({ script: await readScript(file('script.mjs', text)) });
  expect((await question(simulator.url)).text).toContain('You said 1.');
});

test('a script answers by rule where its module exports a function by default', async () => {
  const text = `export default ({ messages, tools }) =>
    messages.at(-1).role === 'tool'
      ? { text: 'It is ' + messages.at(-1).content }
      : { calls: [{ name: tools[0].function.name, arguments: { city: 'Paris' } }] };`;
  const seen = run('--port', '0', '--script', file('rule.mjs', text));
  const url = await listening(seen);
  expect((await question(url)).text).toContain('get_weather:0');
  const history = [
    { role: 'user', content: 'weather?' },
    { role: 'assistant', reasoning_content: 'So.', tool_calls: [call('get_weather:0')] },
    { role: 'tool', tool_call_id: 'get_weather:0', content: 'sunny' },
  ];
  expect((await question(url, { messages: history })).text).toContain('It is sunny');
});

test('the script in the README does what the README says', async () => {
  const simulator = await start({ script: await readScript(join(root, 'test/cli/weather.mjs')) });
  expect((await question(simulator.url)).text).toContain('get_weather:0');
  expect((await question(simulator.url, { tools: undefined })).text).toContain('I have no tool');
});

test.each([
  ['list.mjs', 'export default [{ text: "Hello." }];'],
  ['named.mjs', 'export const script = [{ text: "Hello." }];'],
  ['common.cjs', 'module.exports = [{ text: "Hello." }];'],
])('the module %s may hold a list: %s', async (name, text) => {
  expect(await readScript(file(name, text))).toEqual([{ text: 'Hello.' }]);
});

test('a module without a script is refused with what to write', async () => {
  await expect(readScript(file('none.mjs', 'export default 7;'))).rejects.toThrow(
    'none.mjs exports no script. Export a list of answers or a function, such as: export default',
  );
});

test('--loop serves the list again, so that a program can run twice', async () => {
  const script = file('script.json', JSON.stringify([{ text: 'One.' }, { text: 'Two.' }]));
  const seen = run('--port', '0', '--loop', '--script', script);
  const url = await listening(seen);
  const texts = [];
  for (let n = 0; n < 4; n += 1) {
    texts.push(JSON.parse((await question(url)).text).choices[0].message.content);
  }
  expect(texts).toEqual(['One.', 'Two.', 'One.', 'Two.']);
});

test('--host with an address that other machines reach is a warning in words', async () => {
  const open = run('--port', '0', '--host', '0.0.0.0');
  const closed = run('--port', '0', '--host', '127.0.0.1');
  await Promise.all([listening(open), listening(closed)]);
  expect(open.err).toBe(
    'Warning: the simulator listens on 0.0.0.0, so other machines can send it requests. Leave --host out to keep it to this machine.\n',
  );
  expect(closed.err).toBe('');
});

test('without a script the answer, its reasoning and the banner say that they are scripted', async () => {
  const seen = run('--port', '0');
  const { choices } = JSON.parse((await question(await listening(seen))).text);
  expect(seen.out).toContain('the default script, SCRIPTED');
  expect(choices[0].message.content).toContain('I am a scripted model');
  expect(choices[0].message.reasoning_content).toContain('scripted');
});

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(await ended(run('--version'))).toMatchObject({ code: 0, out: `${version}\n`, err: '' });
});

test('--help and --list-faults print and end', async () => {
  const [help, list] = await Promise.all([ended(run('--help')), ended(run('--list-faults'))]);
  expect(help).toMatchObject({ code: 0, out: expect.stringContaining('--strictness') });
  expect(list.code).toBe(0);
  const [columns, ...rows] = list.out.trimEnd().split('\n');
  expect(columns).toMatch(/^fault +kind +what happens +\[known from\]$/);
  expect(rows).toHaveLength(faults.length);
  expect(rows.join('\n')).toMatch(/arguments-truncated .*\[vllm-project\/vllm#41739;/);
});

test('what is wrong is told in one sentence, with 2 for flags and 1 for the rest', async () => {
  const taken = String(new URL((await start()).url).port);
  const wrong: readonly [args: string[], code: number, sentence: string][] = [
    [['--bogus'], 2, "Unknown option '--bogus'. Try throughline-simulator --help."],
    [['--host', '203.0.113.7'], 1, 'This machine has no address "203.0.113.7".'],
    [['--loop'], 1, 'loop needs a script that is a list of answers; a function has no end.'],
    [['--script', 'no-such.json'], 1, 'no-such.json could not be read: ENOENT'],
    [
      ['--port', taken],
      1,
      `Port ${taken} is taken. Give another one with --port, or --port 0 for any free one.`,
    ],
  ];
  const runs = await Promise.all(wrong.map(([args]) => ended(run(...args))));
  for (const [at, seen] of runs.entries()) {
    expect(seen.err.trim().split('\n')).toEqual([expect.stringContaining(wrong[at]?.[2] ?? '')]);
    expect(seen).toMatchObject({ code: wrong[at]?.[1], out: '' });
  }
});

test.each([
  [['--port', 'x'], '--port must be a whole number from 0 to 65535, not "x"'],
  [['--port', '70000'], '--port must be a whole number from 0 to 65535, not "70000"'],
  [['--cut', '0'], '--cut must be a whole number of at least 1, not "0"'],
  [['--fault', 'nope'], 'There is no fault called "nope"; --list-faults prints all there are'],
  [['--fault', 'crlf:x'], '--fault crlf: must be a whole number of at least 1, not "x"'],
  [['--strictness', 'mild'], '--strictness must be one of moonshot, gateway, lenient, not "mild"'],
  [['stray'], "Unexpected argument 'stray'"],
])('the flags %j are refused in words', (args, sentence) => {
  expect(() => readFlags(args)).toThrow(sentence);
});

test('a fault may be asked for by name, by times and by chance', () => {
  const args = ['--fault', 'crlf', '--fault', 'no-space:3', '--fault', 'no-done:30%'];
  expect(readFlags(args).faults).toEqual([
    'crlf',
    { fault: 'no-space', times: 3 },
    { fault: 'no-done', probability: 0.3 },
  ]);
});

test.each([
  ['a.json', '{', 'a.json is not valid JSON.'],
  ['b.json', '{}', 'b.json holds no list of answers.'],
  ['c.json', '[7]', 'c.json is not an object.'],
  [
    'd.json',
    '[{"txt":1}]',
    'd.json has an unknown member "txt"; there are reasoning, text, calls,',
  ],
  ['e.json', '[{"calls":[{}]}]', 'e.json must have calls that are a list, each with a name.'],
])('the script %s holding %s is refused in words', async (name, text, sentence) => {
  await expect(readScript(file(name, text))).rejects.toThrow(sentence);
});
