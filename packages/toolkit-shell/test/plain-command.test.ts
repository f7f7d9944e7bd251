import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainLine } from '../src/plain-command.ts';

const odd =
  "\\ ' \" $ ` ( ) { } < > # ~ = * ? [ ] ! ^ & | % : , - @ + $x ${x} $(x) $'\\x41' 2>&1 >/dev/null a=b ~/x a:~ [[ ]] (( )) <<E if then fi é 1> {a,b}";

/** Lines of commands and everything a shell looks at. */
const lines = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom('show', 'show', ' ', ' x', '\n', ';', ' && ', ' | '),
      },
      fc.constantFrom(...odd.split(' '), '\t', '\\\n', '\u00a0'),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => `show ${parts.join('')}`);

/** Evaluates each line in bash, where `show` writes its words down and everything else is unknown. */
function readByBash(texts: readonly string[]): readonly string[] {
  const script = `
    show() { local word text='<'; for word; do text+="$word"$'\\1'; done; printf '%s' "$text>" >&3; }
    while IFS= read -r -d '' line; do (eval "$line") >/dev/null 2>&1 </dev/null; printf '\\2' >&3; done 3>&1`;
  const input = texts.map((text) => `${text}\0`).join('');
  const out = execFileSync('bash', ['--norc', '-c', script], {
    input,
    encoding: 'utf8',
    timeout: 300_000,
    cwd: '/',
  });
  return out.split('\u0002').slice(0, -1);
}

/** The commands of one line, in no order: those of a pipe run at once. */
function written(commands: readonly (readonly string[])[]): string {
  return commands
    .map(([, ...words]) => `<${words.map((word) => `${word}\u0001`).join('')}>`)
    .sort()
    .join('');
}

function sorted(told: string): string {
  return (told.match(/<[^>]*>/g) ?? []).sort().join('');
}

test('bash reads a plain line as the words it was read as, and so it reads what is written anew', () => {
  const plain = fc
    .sample(lines, process.env['THROUGHLINE_SOAK'] === undefined ? 4_000 : 100_000)
    .flatMap((line) => {
      const read = plainLine(line);
      const isShow = read?.commands.every(
        ([name, ...words]) => name === 'show' && !words.join().includes('>'),
      );
      // What stands behind `||` is read, and not run where the command before it succeeds.
      const runsAll = read?.text.includes('||') === false;
      return read !== undefined && isShow === true && runsAll ? [{ line, ...read }] : [];
    });
  expect(plain.length).toBeGreaterThan(300);
  const expected = plain.map(({ commands }) => written(commands));
  const byBash = readByBash(plain.map(({ line }) => line)).map(sorted);
  const anew = readByBash(plain.map(({ text }) => text)).map(sorted);
  const different = plain.filter(
    (_, at) => byBash[at] !== expected[at] || anew[at] !== expected[at],
  );
  expect(different.map(({ line, text }) => ({ line, text }))).toEqual([]);
}, 300_000);

test('what stands behind || is read as a command of its own', () => {
  expect(plainLine('show a ||show b')?.commands).toEqual([
    ['show', 'a'],
    ['show', 'b'],
  ]);
});

test('a line end after a backslash joins no halves of a variable, a substitution or an operator', () => {
  for (const line of [
    'show a$\\\nHOME',
    'show $\\\n(id)',
    'show "$\\\nHOME"',
    'show a |\\\n| show b',
    'show a &\\\n& show b',
    'show a\\\nb',
    'show a \\\n\\\n\\',
  ]) {
    expect(plainLine(line), line).toBeUndefined();
  }
  expect(plainLine('show a \\\n  --long b')?.commands).toEqual([['show', 'a', '--long', 'b']]);
});
