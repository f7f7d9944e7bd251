import { toolkitSuite } from '@throughline/testing';
import { describe, it } from 'vitest';
import { files } from '../src/index.ts';
import { folder } from './call.ts';

const many = Object.fromEntries(
  Array.from({ length: 400 }, (_, at) => [`many/${'n'.repeat(180)}-${at}.txt`, 'a word\n']),
);
const here = folder({
  'a.txt': 'a word\n',
  'long.txt': 'a long line of words\n'.repeat(9_000),
  ...many,
});

describe('the toolkit', () => {
  const cases = {
    make: () => ({ toolkit: files({ root: here.root }) }),
    tools: {
      list_files: {
        effect: 'read',
        works: {},
        fails: { path: 'nowhere' },
        tellsMuch: { recursive: true, limit: 1_000 },
      },
      read_file: {
        effect: 'read',
        works: { path: 'a.txt' },
        fails: { path: '../a.txt' },
        tellsMuch: { path: 'long.txt', limit: 10_000 },
      },
      search_files: {
        effect: 'read',
        works: { text: 'word' },
        fails: { text: 'word', path: 'nowhere' },
        tellsMuch: { text: 'word', limit: 500 },
      },
    },
  } as const;
  for (const check of toolkitSuite(cases)) it(check.name, () => check.run());
});
