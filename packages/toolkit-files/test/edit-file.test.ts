import { chmod, link, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { files } from '../src/index.ts';
import { folder, run } from './call.ts';

const here = folder({ 'sub/x.txt': 'x\n' });

interface Case {
  readonly what: string;
  readonly before: string | Uint8Array;
  readonly edits: readonly {
    readonly old: string;
    readonly fresh: string;
    readonly all?: boolean;
  }[];
  /** The file afterwards; undefined where nothing may change. */
  readonly after?: string | Uint8Array;
  /** What the model is told. */
  readonly told?: RegExp;
}

const bytes = (...parts: (string | number)[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))),
  );
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const one = (old: string, fresh: string, all = false) => [{ old, fresh, all }];

const cases: readonly Case[] = [
  {
    what: 'one place',
    before: 'a\nb\nc\n',
    edits: one('b', 'B'),
    after: 'a\nB\nc\n',
    told: /1 place changed/,
  },
  { what: 'a part of a line', before: 'let a = 1;\n', edits: one('1', '2'), after: 'let a = 2;\n' },
  {
    what: 'several places at once',
    before: 'a b c\n',
    edits: [...one('a', '1'), ...one('c', '3')],
    after: '1 b 3\n',
    told: /2 places changed/,
  },
  {
    what: 'edits given in another order',
    before: 'a b c\n',
    edits: [...one('c', '3'), ...one('a', '1')],
    after: '1 b 3\n',
  },
  {
    what: 'all places',
    before: 'x x x\n',
    edits: one('x', 'yy', true),
    after: 'yy yy yy\n',
    told: /3 places/,
  },
  {
    what: 'all places that lie side by side',
    before: 'aaaa\n',
    edits: one('aa', 'b', true),
    after: 'bb\n',
  },
  { what: 'nothing left of a place', before: 'a\nb\nc\n', edits: one('b\n', ''), after: 'a\nc\n' },
  { what: 'the whole file', before: 'all\n', edits: one('all\n', 'other\n'), after: 'other\n' },
  {
    what: 'marks of a replacement, as they are',
    before: 'price\n',
    edits: one('price', "$& $1 $` $' $$"),
    after: "$& $1 $` $' $$\n",
  },
  { what: 'a file without a last line end', before: 'a\nb', edits: one('b', 'c'), after: 'a\nc' },
  {
    what: 'lines of CRLF with an edit in one of them',
    before: 'a\r\nb\r\nc\r\n',
    edits: one('b', 'B'),
    after: 'a\r\nB\r\nc\r\n',
  },
  {
    what: 'CRLF where the edit has LF',
    before: 'a\r\nb\r\nc\r\n',
    edits: one('a\nb\n', 'a\nx\nb\n'),
    after: 'a\r\nx\r\nb\r\nc\r\n',
    told: /without regard to line ends/,
  },
  {
    what: 'CRLF where new lines are put into one line',
    before: 'a\r\nb\r\n',
    edits: one('b', 'b1\nb2'),
    after: 'a\r\nb1\r\nb2\r\n',
  },
  {
    what: 'LF that is asked for by someone who knows of CRLF',
    before: 'a\r\nb\r\n',
    edits: one('a\r\nb', 'a\nb'),
    after: 'a\nb\r\n',
  },
  {
    what: 'a mixed file, of which every other line end stays',
    before: 'a\r\nb\nc\rd\r\n',
    edits: one('c', 'C'),
    after: 'a\r\nb\nC\rd\r\n',
  },
  {
    what: 'lone CR where the edit has LF',
    before: 'a\rb\rc',
    edits: one('a\nb', 'x\ny'),
    after: 'x\ry\rc',
  },
  { what: 'CR CR LF, left alone', before: 'a\r\r\nb\n', edits: one('b', 'B'), after: 'a\r\r\nB\n' },
  {
    what: 'a byte order mark, kept',
    before: '\ufeffa\nb\n',
    edits: one('b', 'B'),
    after: '\ufeffa\nB\n',
  },
  {
    what: 'the first line behind a byte order mark',
    before: '\ufeffa\nb\n',
    edits: one('a\nb\n', 'c\n'),
    after: '\ufeffc\n',
  },
  {
    what: 'a first line behind a byte order mark that fits loosely',
    before: '\ufeffa \nb\n',
    edits: one('a\nb', 'c'),
    after: '\ufeffc\n',
  },
  {
    what: 'UTF-16, little end first',
    before: utf16('one\r\ntwo\r\n'),
    edits: one('two', 'zwei'),
    after: utf16('one\r\nzwei\r\n'),
  },
  {
    what: 'UTF-16, big end first',
    before: utf16('one\n').swap16(),
    edits: one('one', 'eins'),
    after: utf16('eins\n').swap16(),
  },
  {
    what: 'trailing space that the edit does not have',
    before: 'if (a) {  \n  b();\n}\n',
    edits: one('if (a) {\n  b();\n}', 'c();'),
    after: 'c();\n',
    told: /trailing space/,
  },
  {
    what: 'lines that are indented deeper than in the edit',
    before: 'f {\n    a\n\n    b\n}\n',
    edits: one('a\n\nb', 'c\nd'),
    after: 'f {\n    c\n    d\n}\n',
    told: /indentation/,
  },
  {
    what: 'lines that are indented less than in the edit',
    before: 'a\nb\n',
    edits: one('  a\n  b', '  c'),
    after: 'c\n',
  },
  {
    what: 'a line end at the end of the edit',
    before: '  a \n  b\n',
    edits: one('a\nb\n', 'c\n'),
    after: '  c\n',
  },
  {
    what: 'letters outside the basic plane',
    before: 'a 😀 b\n',
    edits: one('😀', '🙂'),
    after: 'a 🙂 b\n',
  },
  {
    what: 'letters with an accent of their own, which are others',
    before: 'cafe\u0301\n',
    edits: one('caf\u00e9', 'tea'),
    told: /nowhere/,
  },
  {
    what: 'an edit that fits nowhere, with the nearest place',
    before: 'first\n\tconst total = sum(1);\nlast\n',
    edits: one('  const total = sum(2);', 'x'),
    told: /The nearest place is this:\n2: \tconst total = sum\(1\);\nLine 2 differs/,
  },
  {
    what: 'spaces where the file has tabs in one of two lines',
    before: 'f\n\ta = 1\n  b = 2\n',
    edits: one('  a = 1\n  b = 2', 'x'),
    told: /Line 2 begins with 1 tab, and old_string with 2 spaces/,
  },
  {
    what: 'other quotes',
    before: 'say “hello there”\n',
    edits: one('say "hello there"', 'x'),
    told: /other quotes/,
  },
  {
    what: 'an edit that fits twice',
    before: 'a\nb\na\n',
    edits: one('a', 'x'),
    told: /fits 2 places in lines 1, 3.*replace_all/,
  },
  {
    what: 'an edit that fits twice, overlapping itself',
    before: 'aaa\n',
    edits: one('aa', 'x'),
    told: /fits 2 places/,
  },
  {
    what: 'an edit that fits loosely twice',
    before: ' a \n b\n\n a  \n b\n',
    edits: one('a\nb', 'x'),
    told: /fits loosely in lines 1, 4/,
  },
  { what: 'an empty old_string', before: 'a\n', edits: one('', 'x'), told: /is empty/ },
  {
    what: 'an edit that changes nothing',
    before: 'a\n',
    edits: one('a', 'a'),
    told: /the same as its new_string/,
  },
  {
    what: 'edits that overlap',
    before: 'abc\n',
    edits: [...one('ab', '1'), ...one('bc', '2')],
    told: /edits 1 and 2 overlap in line 1/,
  },
  {
    what: 'an edit of what another has made',
    before: 'a\n',
    edits: [...one('a', 'b'), ...one('b', 'c')],
    told: /old_string of edit 2 is nowhere/,
  },
  {
    what: 'one edit of two that fits nowhere',
    before: 'a\nb\n',
    edits: [...one('a', '1'), ...one('z', '2')],
    told: /Nothing was changed/,
  },
  {
    what: 'bytes elsewhere that are no UTF-8',
    before: bytes('a\n', 0xe9, '\nb\n'),
    edits: one('b', 'B'),
    told: /not all text/,
  },
  {
    what: 'a NUL byte elsewhere',
    before: bytes('a\n', 0, '\nb\n'),
    edits: one('b', 'B'),
    told: /not all text/,
  },
  { what: 'half of a letter', before: 'a\n', edits: one('a', '\ud83d'), told: /half of a letter/ },
];

describe('edit_file', () => {
  it.each(cases)('is exact to the byte: $what', async ({ before, edits, after, told }) => {
    const path = join(here.root, 'file.txt');
    await writeFile(path, before);
    const call = run(files({ root: here.root, write: true }));
    await call('read_file', { path: 'file.txt' }).catch(() => {}); // a binary file is refused there
    const asked = edits.map((edit) => ({
      old_string: edit.old,
      new_string: edit.fresh,
      replace_all: edit.all,
    }));
    const answer = await call('edit_file', { path: 'file.txt', edits: asked }).catch(String);
    expect(Buffer.from(await readFile(path))).toEqual(Buffer.from(after ?? before));
    if (told !== undefined) expect(answer).toMatch(told);
    if (after !== undefined) {
      expect(answer).toContain('@@');
      // What was written is known, so another edit may follow.
      const again = { path: 'file.txt', edits: [{ old_string: 'no such text', new_string: '' }] };
      await expect(call('edit_file', again)).rejects.toThrow(/nowhere/);
    }
  });

  it('shows the change as a short diff', async () => {
    const path = join(here.root, 'diff.txt');
    await writeFile(path, Array.from({ length: 40 }, (_, at) => `line ${at + 1}\n`).join(''));
    const call = run(files({ root: here.root, write: true }));
    await call('read_file', { path: 'diff.txt' });
    const edits = [{ old_string: 'line 20\n', new_string: 'line twenty\n' }];
    expect(await call('edit_file', { path: 'diff.txt', edits })).toBe(
      [
        'diff.txt: 1 place changed.',
        '@@ -17,7 +17,7 @@',
        ' line 17',
        ' line 18',
        ' line 19',
        '-line 20',
        '+line twenty',
        ' line 21',
        ' line 22',
        ' line 23',
      ].join('\n'),
    );
  });

  it('keeps mode 755, and that of a file that is read-only', async () => {
    const call = run(files({ root: here.root, write: true }));
    for (const mode of [0o755, 0o444]) {
      const path = join(here.root, `mode-${mode}`);
      await writeFile(path, 'a\n');
      await chmod(path, mode);
      await call('read_file', { path: `mode-${mode}` });
      const edits = [{ old_string: 'a', new_string: 'b' }];
      await call('edit_file', { path: `mode-${mode}`, edits });
      expect(await readFile(path, 'utf8')).toBe('b\n');
      expect((await stat(path)).mode & 0o777).toBe(mode);
    }
  });

  it('leaves a file outside alone that has a second name inside', async () => {
    const outside = join(here.root, '..', 'outside.txt');
    await writeFile(outside, 'outside\n');
    await link(outside, join(here.root, 'second-name.txt'));
    const call = run(files({ root: here.root, write: true }));
    await call('read_file', { path: 'second-name.txt' });
    const edits = [{ old_string: 'outside', new_string: 'inside' }];
    await call('edit_file', { path: 'second-name.txt', edits });
    expect(await readFile(outside, 'utf8')).toBe('outside\n');
    expect(await readFile(join(here.root, 'second-name.txt'), 'utf8')).toBe('inside\n');
  });

  it.each([
    ['a letter of one long line, everywhere', 'a'.repeat(100_000), 'a', 'b', true],
    ['the same, with a line end put in', 'a'.repeat(100_000), 'a', 'b\n', true],
    ['more places than one edit may change', 'a'.repeat(1_000_000), 'a', 'b', true],
    ['half of a text of one letter', 'a'.repeat(1_000_000), 'a'.repeat(50_000), 'b', false],
    [
      'what a text of one letter nearly holds',
      'a'.repeat(1_000_000),
      `b${'a'.repeat(50_000)}`,
      'b',
      false,
    ],
    ['carriage returns as line feeds', '\r'.repeat(500_000), '\n'.repeat(50_000), 'b', false],
    ['two lines, in many empty ones', '\n'.repeat(1_000_000), 'x\ny', 'b', false],
  ] as const)(
    'does not stand still over %s',
    async (...[, text, old, fresh, all]) => {
      await writeFile(join(here.root, 'hard.txt'), text);
      const call = run(files({ root: here.root, write: true }));
      await call('read_file', { path: 'hard.txt' });
      const edits = [{ old_string: old, new_string: fresh, replace_all: all }];
      const answer = await call('edit_file', { path: 'hard.txt', edits }).catch(String);
      const done = answer.includes('100,000 places changed');
      expect(done).toBe(all && text.length === 100_000);
      if (!done) expect(answer).toMatch(/nowhere|fits more than|fits loosely/);
      const now = await readFile(join(here.root, 'hard.txt'), 'utf8');
      expect(now === (done ? fresh.repeat(100_000) : text)).toBe(true);
    },
    30_000,
  );

  it('says to the end that a text of 300,000 empty lines does not fit, however many edits are tried', async () => {
    await writeFile(join(here.root, 'empty-lines.txt'), '\n'.repeat(300_000));
    const call = run(files({ root: here.root, write: true }));
    await call('read_file', { path: 'empty-lines.txt' });
    const old = `${'\n'.repeat(5_000)}x`;
    const edits = [{ old_string: old, new_string: 'y' }];
    await expect(call('edit_file', { path: 'empty-lines.txt', edits })).rejects.toThrow(/nowhere/);
  }, 20_000);
});
