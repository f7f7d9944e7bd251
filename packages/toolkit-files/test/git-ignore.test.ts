import { describe, expect, it } from 'vitest';
import { call, folder } from './call.ts';

const here = folder({
  '.gitignore': 'dist/\n*.log\n!keep.log\n/only-here.txt\n',
  'a.log': 'word',
  'keep.log': 'word',
  'only-here.txt': 'word',
  'dist/out.js': 'word',
  'src/only-here.txt': 'word',
  'src/.gitignore': '!a.log\nsecret.txt\n',
  'src/a.log': 'word',
  'src/secret.txt': 'word',
  'src/deep/secret.txt': 'word',
  'src/deep/dist': 'a file that is called like the folder: word',
  'Dist/x.txt': 'word',
});

const left = ['a.log', 'only-here.txt', 'dist/out.js', 'src/secret.txt', 'src/deep/secret.txt'];
const told = ['keep.log', 'src/only-here.txt', 'src/a.log', 'src/deep/dist', 'Dist/x.txt'];

describe('files({ gitignore: true })', () => {
  it.each(['', 'src', 'src/deep'])(
    'leaves out what the .gitignore files say, seen from "%s"',
    async (from) => {
      const options = { root: here.root, gitignore: true };
      const path = from === '' ? '.' : from;
      const answers = [
        await call(options, 'list_files', { path, recursive: true }),
        await call(options, 'search_files', { path, text: 'word' }),
        await call(options, 'glob', { path, pattern: '**' }),
      ];
      for (const answer of answers) {
        const lines = answer.split('\n').map((line) => line.replace(/(: \S+ )|(:\d.*)|(  .*)/, ''));
        const within = (paths: readonly string[]) => paths.filter((one) => one.startsWith(from));
        for (const one of within(left)) expect(lines).not.toContain(one);
        for (const one of within(told)) expect(lines).toContain(one);
      }
    },
  );

  it('is off by default, and a file that is named outright is read', async () => {
    expect(await call({ root: here.root }, 'list_files', { recursive: true })).toContain(
      'dist/out.js',
    );
    const options = { root: here.root, gitignore: true };
    expect(await call(options, 'read_file', { path: 'a.log' })).toContain('word');
  });
});
