import { toolkitSuite } from '@throughline/testing';
import type { CallTool, ToolkitCases } from '@throughline/testing';
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

/** A file of its own for each check, which a call before the one that is looked at has made. */
let made = 0;
const fresh = async (ask: CallTool) => {
  const path = `made/${++made}.txt`;
  await ask('write_file', { path, content: 'a word\n'.repeat(500) });
  return path;
};

describe('the toolkit', () => {
  const cases: ToolkitCases = {
    make: () => ({ toolkit: files({ root: here.root, write: true }) }),
    tools: {
      list_files: {
        effect: 'read',
        works: {},
        fails: { path: 'nowhere' },
        tellsMuch: { recursive: true, limit: 1_000 },
      },
      glob: {
        effect: 'read',
        works: { pattern: '*.txt' },
        fails: { pattern: '*', path: 'nowhere' },
        tellsMuch: { pattern: '**', limit: 1_000 },
      },
      read_file: {
        effect: 'read',
        works: { path: 'a.txt' },
        fails: { path: '../a.txt' },
        tellsMuch: { path: 'long.txt', limit: 10_000 },
      },
      search_files: {
        effect: 'read',
        works: { text: 'w.rd', regex: true },
        fails: { text: '(', regex: true },
        tellsMuch: { text: 'word', limit: 500 },
      },
      write_file: {
        effect: 'write',
        works: async () => ({ path: `made/${++made}.txt`, content: 'x' }),
        fails: { path: 'a.txt', content: 'x' },
        tellsMuch: async (ask) => ({ path: await fresh(ask), content: 'other\n'.repeat(2_000) }),
      },
      edit_file: {
        effect: 'write',
        works: async (ask) => ({
          path: await fresh(ask),
          edits: [{ old_string: 'a word', new_string: 'two words', replace_all: true }],
        }),
        fails: { path: 'a.txt', edits: [{ old_string: 'a', new_string: 'b' }] },
        tellsMuch: async (ask) => ({
          path: await fresh(ask),
          edits: [{ old_string: 'a word', new_string: 'x'.repeat(5_000), replace_all: true }],
        }),
      },
      make_folder: {
        effect: 'write',
        works: async () => ({ path: `made/folder-${++made}` }),
        fails: { path: 'a.txt' },
      },
      move: {
        effect: 'write',
        works: async (ask) => ({ from: await fresh(ask), to: `made/moved-${++made}` }),
        fails: { from: 'a.txt', to: 'long.txt' },
      },
      delete: {
        effect: 'destructive',
        works: async (ask) => ({ path: await fresh(ask) }),
        fails: { path: 'many' },
      },
    },
  };
  for (const check of toolkitSuite(cases)) it(check.name, () => check.run());
});
