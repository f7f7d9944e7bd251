import { open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '@throughline/core';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { call, folder, put } from './call.ts';

const awkward = '\u{1f600} one\r\ntwo\u2028still two\n\n\tfour \\ "quoted"\nfive without an end';
const here = folder({
  'small.txt': 'a\nb\n',
  'awkward.txt': awkward,
  'empty.txt': '',
  'many.txt': Array.from({ length: 2_500 }, (_, index) => `line ${index + 1}\n`).join(''),
  'wide.txt': `first\n${'0123456789'.repeat(20_000)}\nlast\n`,
  'smile.txt': '\u{1f600}'.repeat(40_000),
  'picture.png': new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]),
  'broken.txt': new Uint8Array([0x61, 0xff, 0x62, 0xc3, 0x28, 0x0a, 0xe2, 0x82]),
  'bom.txt': '\ufeffwith a mark\n',
  'utf-16.txt': Buffer.from('\ufeffzwei \u20ac\n', 'utf16le'),
});

const read = (input: object, signal?: AbortSignal) =>
  call({ root: here.root }, 'read_file', input, signal);

/** The first line tells of the rest; what follows is the file. */
function parts(told: string): { readonly head: string; readonly text: string } {
  const end = told.indexOf('\n');
  return end < 0
    ? { head: told, text: '' }
    : { head: told.slice(0, end), text: told.slice(end + 1) };
}

describe('a file is told as it is', () => {
  test('with a first line that says it is all there', async () => {
    await expect(read({ path: 'small.txt' })).resolves.toBe(
      'small.txt: line 1 to line 2, the whole file.\na\nb\n',
    );
    await expect(read({ path: 'empty.txt' })).resolves.toBe('empty.txt: an empty file.');
  });

  test('with its own line ends, tabs and odd letters', async () => {
    expect(parts(await read({ path: 'awkward.txt' })).text).toBe(awkward);
  });

  test('in UTF-8 with or without a mark, or in UTF-16 with one', async () => {
    expect(parts(await read({ path: 'bom.txt' })).text).toBe('with a mark\n');
    expect(parts(await read({ path: 'utf-16.txt' })).text).toBe('zwei \u20ac\n');
  });

  test('with U+FFFD for bytes that are no text', async () => {
    expect(parts(await read({ path: 'broken.txt' })).text).toBe('a\ufffdb\ufffd(\n\ufffd');
  });

  test('unless it is binary', async () => {
    await expect(read({ path: 'picture.png' })).rejects.toThrow(
      '"picture.png" is a binary file of 12 bytes; only text can be read.',
    );
  });
});

describe('a long file is told in parts', () => {
  test('and each part says where the next begins', async () => {
    const first = parts(await read({ path: 'many.txt' }));
    expect(first.head).toBe(
      'many.txt: line 1 to line 1000 of a file of 23,893 bytes. It goes on at offset 1001.',
    );
    const last = parts(await read({ path: 'many.txt', offset: 2_499, limit: 10 }));
    expect(last.head).toBe('many.txt: line 2499 to line 2500, to the end of the file.');
    expect(last.text).toBe('line 2499\nline 2500\n');
  });

  test('a part that ends with the file does not promise more', async () => {
    const { head } = parts(await read({ path: 'small.txt', offset: 2, limit: 1 }));
    expect(head).toBe('small.txt: line 2, to the end of the file.');
  });

  test('a line too long for one part goes on at its column', async () => {
    const whole = parts(await read({ path: 'wide.txt' }));
    expect(whole.head).toContain('It goes on at offset 2.');
    expect(whole.text).toBe('first\n');
    const cut = parts(await read({ path: 'wide.txt', offset: 2 }));
    expect(cut.head).toContain('It goes on at offset 2, column 30001.');
    expect(cut.text).toBe('0123456789'.repeat(3_000));
    const end = parts(await read({ path: 'wide.txt', offset: 2, column: 199_996 }));
    expect(end.head).toBe('wide.txt: line 2 from column 199996 to line 3, to the end of the file.');
    expect(end.text).toBe('56789\nlast\n');
  });

  test('no letter is torn', async () => {
    const { head, text } = parts(await read({ path: 'smile.txt', column: 3 }));
    expect(text).toBe('\u{1f600}'.repeat(15_000));
    expect(head).toContain('offset 1, column 30003');
    const torn = parts(await read({ path: 'smile.txt', column: 2 }));
    expect(torn.text.endsWith('\u{1f600}')).toBe(true);
  });

  test('the parts put together are the file', async () => {
    const letter = fc.constantFrom('a', '\n', '\r\n', '\u00e9', '\u{1f600}', 'x'.repeat(20_000));
    const content = fc.array(letter, { minLength: 1, maxLength: 12 }).map((all) => all.join(''));
    const property = fc.asyncProperty(
      content,
      fc.integer({ min: 1, max: 4 }),
      async (text, limit) => {
        await put(join(here.root, 'any.txt'), text);
        let told = '';
        let next: object | undefined = {};
        while (next !== undefined) {
          const part = parts(await read({ path: 'any.txt', limit, ...next }));
          told += part.text;
          const found = /It goes on at offset (\d+)(?:, column (\d+))?[.]$/.exec(part.head);
          next = found ? { offset: Number(found[1]), column: Number(found[2] ?? 1) } : undefined;
        }
        expect(told).toBe(text);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  test('a place behind the end is named with what there is', async () => {
    await expect(read({ path: 'small.txt', offset: 9 })).rejects.toThrow(
      new ToolError('"small.txt" has 2 lines; there is no line 9.'),
    );
    await expect(read({ path: 'small.txt', offset: 1, column: 7 })).rejects.toThrow(
      new ToolError('Line 1 of "small.txt" ends before column 7.'),
    );
  });
});

describe('a huge file', () => {
  const size = 3_000_000_000;
  beforeAll(async () => {
    // Sparse: it has the size and takes no room.
    await put(join(here.root, 'huge.log'), 'begin\n'.repeat(2_000));
    await truncate(join(here.root, 'huge.log'), size);
  });

  test('is never read whole', async () => {
    const before = process.memoryUsage().rss;
    const { head } = parts(await read({ path: 'huge.log', limit: 10 }));
    expect(head).toBe(
      'huge.log: line 1 to line 10 of a file of 3,000,000,000 bytes. It goes on at offset 11.',
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
  });

  test('can be left in the middle of reading', async () => {
    const reason = new Error('enough');
    const leave = new AbortController();
    setTimeout(() => leave.abort(reason), 50);
    const started = performance.now();
    await expect(read({ path: 'huge.log', offset: 9_000_000 }, leave.signal)).rejects.toBe(reason);
    expect(performance.now() - started).toBeLessThan(10_000);
    await expect(read({ path: 'huge.log' }, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test('leaves no file open, however a call ends', async () => {
    const probe = await open(join(here.root, 'small.txt'));
    const { fd } = probe;
    await probe.close();
    for (let times = 0; times < 50; times++) {
      await read({ path: 'small.txt', limit: 1 });
      await read({ path: 'picture.png' }).catch(() => undefined);
      await read({ path: 'huge.log' }, AbortSignal.abort()).catch(() => undefined);
    }
    const after = await open(join(here.root, 'small.txt'));
    expect(after.fd).toBeLessThanOrEqual(fd + 5);
    await after.close();
  });
});
