import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { call, folder, put } from './call.ts';

const here = folder({
  'a.md': 'Refund the order.\r\nNo refund for 18.\n',
  'b/c.txt': 'refund (a+)+$ now\n',
  'b/picture.png': new Uint8Array([0x89, 0x50, 0, 1, 2]),
  'node_modules/x/refund.txt': 'refund\n',
  'wide.txt': `${'x'.repeat(65_530)}needle${'y'.repeat(70_000)}needle\nneedle\n`,
  'utf-16.txt': Buffer.from('\ufeffein Schl\u00fcssel\n', 'utf16le'),
});

const search = (input: object, signal?: AbortSignal) =>
  call({ root: here.root }, 'search_files', input, signal);

describe('a search', () => {
  test('tells each line with its file and number, in a fixed order', async () => {
    await expect(search({ text: 'refund' })).resolves.toBe(
      [
        '2 matching lines for "refund", in 4 files. 1 binary file left out.',
        'a.md:2: No refund for 18.',
        'b/c.txt:1: refund (a+)+$ now',
      ].join('\n'),
    );
    await expect(search({ text: 'REFUND', ignoreCase: true })).resolves.toContain(
      'a.md:1: Refund the order.\na.md:2:',
    );
  });

  test('looks into one folder, one file, or what a glob fits', async () => {
    await expect(search({ text: 'refund', path: 'b' })).resolves.toContain('in 1 file.');
    await expect(search({ text: 'refund', path: './a.md' })).resolves.toMatch(
      /in 1 file[.]\na[.]md:2/,
    );
    await expect(search({ text: 'refund', glob: '*.txt' })).resolves.not.toContain('a.md');
    await expect(search({ text: 'Schlüssel' })).resolves.toContain('utf-16.txt:1: ein Schlüssel');
  });

  test('tells a page at a time, and whether there is more', async () => {
    const all = { text: 'refund', ignoreCase: true };
    await expect(search({ ...all, limit: 2 })).resolves.toContain(
      'Matching lines 1 to 2 for "refund", in 2 files. There are more: offset 2.',
    );
    const rest = await search({ ...all, offset: 2 });
    expect(rest).toMatch(/^Matching lines 3 to 3 for "refund"/);
    expect(rest).toContain('b/c.txt:1:');
    await expect(search({ ...all, offset: 3 })).resolves.toMatch(
      /^There are 3 matching lines for "refund", none after offset 3[.]/,
    );
  });

  test('finds a text that lies across two parts of a very long line, once', async () => {
    const told = await search({ text: 'needle', path: 'wide.txt' });
    const [head, first, second, ...more] = told.split('\n');
    expect(head).toMatch(/^2 matching lines/);
    expect(first).toMatch(/^wide[.]txt:1: …x+needley+…$/);
    expect(first?.length).toBeLessThan(320);
    expect(second).toBe('wide.txt:2: needle');
    expect(more).toEqual([]);
  });

  test('takes words as they are, so that no pattern can hang it', async () => {
    await expect(search({ text: '(a+)+$' })).resolves.toContain('b/c.txt:1');
    await put(join(here.root, 'trap.txt'), `${'a'.repeat(60_000)}!\n`);
    await expect(search({ text: '^(a+)+$' })).resolves.toMatch(
      /^No line holds .*looked for as it is; set regex for a regular expression[.]$/,
    );
  });

  test('refuses a line break, and a text of nothing', async () => {
    await expect(search({ text: 'a\nb' })).rejects.toThrow('one line at a time');
    await expect(search({ text: '' })).rejects.toThrow('does not fit');
  });

  test('of what is not there, or binary, says so', async () => {
    await expect(search({ text: 'x', path: 'b/picture.png' })).resolves.toBe(
      'No line holds "x", in 0 files. 1 binary file left out.',
    );
    await expect(search({ text: 'x', path: 'c' })).rejects.toThrow('There is no "c".');
  });

  test('that is aborted rejects with the reason', async () => {
    const reason = new Error('enough');
    await expect(search({ text: 'x' }, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test('of many long matches ends before core would cut it, and goes on', async () => {
    const line = `find ${'z'.repeat(280)}\n`;
    await put(join(here.root, 'heavy/all.txt'), line.repeat(400));
    const told = await search({ text: 'find', path: 'heavy', limit: 500 });
    expect(told.length).toBeLessThan(45_000);
    const [, end] = /There are more: offset (\d+)/.exec(told) ?? [];
    const next = await search({ text: 'find', path: 'heavy', offset: Number(end) });
    expect(next).toContain(`heavy/all.txt:${Number(end) + 1}: find`);
  });
});
