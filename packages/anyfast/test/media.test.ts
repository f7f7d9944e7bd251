import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { mediaPart } from '../src/index.ts';
import { errorOf } from './support/ask.ts';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

test.each([
  ['image/png', '\x89PNG\r\n\x1a\n....'],
  ['image/jpeg', '\xff\xd8\xff\xe0....'],
  ['image/gif', 'GIF89a....'],
  ['image/webp', 'RIFF\0\0\0\0WEBP'],
  ['image/bmp', 'BM......'],
  ['image/heic', '\0\0\0\x18ftypheic'],
  ['video/mp4', '\0\0\0\x18ftypisom'],
  ['video/quicktime', '\0\0\0\x18ftypqt  '],
  ['video/3gpp', '\0\0\0\x18ftyp3gp5'],
  ['video/x-msvideo', 'RIFF\0\0\0\0AVI '],
  ['video/webm', '\x1a\x45\xdf\xa3....'],
  ['video/x-flv', 'FLV\x01....'],
  ['video/mpeg', '\0\0\x01\xba....'],
  ['video/x-ms-wmv', '\x30\x26\xb2\x75\x8e\x66\xcf\x11'],
])('makes a part of %s, whatever its name', async (type, head) => {
  const bytes = latin(head);
  const url = `data:${type};base64,${bytes.toString('base64')}`;
  const expected = type.startsWith('image/')
    ? { type: 'image_url', image_url: { url } }
    : { type: 'video_url', video_url: { url } };
  expect(await mediaPart(bytes)).toEqual(expected);
});

test('reads a file by path or URL, and says what is wrong with it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'media-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const picture = join(folder, 'picture.txt');
  await writeFile(picture, latin('GIF89a....'));
  expect(await mediaPart(picture)).toMatchObject({ type: 'image_url' });
  expect(await mediaPart(pathToFileURL(picture))).toMatchObject({ type: 'image_url' });
  const told = async (path: string, maxBytes = 100): Promise<string> => {
    const error = await errorOf(mediaPart(path, { maxBytes }));
    expect(error).toMatchObject({ code: 'invalid_input' });
    return String(error);
  };
  expect(await told(picture, 5)).toContain(
    `${picture} cannot be sent: it has 10 bytes, and 5 are allowed`,
  );
  expect(await told(folder)).toContain('it is not a file');
  expect(await told(join(folder, 'missing'))).toContain('cannot be read: ENOENT');
  const drawing = join(folder, 'drawing.png');
  await writeFile(drawing, '<svg xmlns="http://www.w3.org/2000/svg"/>');
  expect(await told(drawing)).toContain('this is neither');
  await writeFile(drawing, '');
  expect(await told(drawing)).toContain('it is empty');
});
