import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { isObject } from './canonical.ts';
import type {
  Piece,
  PlatformError,
  RecordedEnd,
  RecordedExchange,
  RecordedRequest,
  RecordedResponse,
} from './exchange.ts';
import { trouble } from './trouble.ts';

/** The version of the files that this release writes. */
const version = 1;

/** The recorded exchanges of a file, in order; undefined where there is no file. Throws in words for what is no cassette, or a damaged one. */
export function readTape(file: string): readonly RecordedExchange[] | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const [header, ...lines] = text.split('\n');
  checkHeader(file, header ?? '');
  if (lines.pop() !== '') throw damaged(file, lines.length + 2, 'is cut: it has no end');
  return readExchanges(file, lines);
}

/** Throws where the file could not be written: an answer that cannot be kept need not be paid for. */
export function checkWritable(file: string): void {
  orUnwritable(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    accessSync(dirname(file), constants.W_OK);
  });
}

/** Writes the file whole or not at all. */
export function writeTape(file: string, exchanges: readonly RecordedExchange[]): void {
  const header = { cassette: 'throughline', version, recordedAt: new Date().toISOString() };
  const lines = [header, ...exchanges.flatMap(linesOf)].map((line) => JSON.stringify(line));
  const beside = `${file}.${process.pid}.tmp`;
  orUnwritable(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(beside, `${lines.join('\n')}\n`);
    try {
      renameSync(beside, file);
    } finally {
      rmSync(beside, { force: true });
    }
  });
}

function orUnwritable(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw trouble(`The cassette ${file} cannot be written: ${wordsOf(error)}`, error);
  }
}

function readText(file: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw trouble(`The cassette ${file} cannot be read: ${wordsOf(error)}`, error);
  }
}

function checkHeader(file: string, line: string): void {
  const header = parsedLine(line);
  if (header?.['cassette'] !== 'throughline') {
    throw trouble(
      `${file} is no cassette: its first line is ${JSON.stringify(line.slice(0, 60))}. It was not changed.`,
    );
  }
  if (header['version'] === version) return;
  throw trouble(
    `The cassette ${file} is of version ${JSON.stringify(header['version'])}; this release reads version ${version}. It was not changed: delete it, and record it anew.`,
  );
}

/** An exchange that is being read. */
interface Open {
  readonly request: RecordedRequest;
  response?: RecordedResponse;
  readonly pieces: Piece[];
}

function readExchanges(file: string, lines: readonly string[]): readonly RecordedExchange[] {
  const exchanges: RecordedExchange[] = [];
  let open: Open | undefined;
  for (const [index, text] of lines.entries()) {
    const at = index + 2;
    const line = parsedLine(text);
    if (line === undefined) throw damaged(file, at, 'is no JSON object');
    const fits = open === undefined ? line['type'] === 'request' : follows(open, line['type']);
    if (!fits) throw damaged(file, at, `does not belong here: its type is ${shown(line['type'])}`);
    if (open === undefined) {
      open = { request: requestIn(line) ?? broken(file, at, 'request'), pieces: [] };
    } else if (line['type'] === 'response') {
      open.response = responseIn(line) ?? broken(file, at, 'response');
    } else if (line['type'] === 'piece') {
      open.pieces.push(pieceIn(line) ?? broken(file, at, 'piece'));
    } else {
      exchanges.push({ ...open, end: endIn(line) ?? broken(file, at, 'end') });
      open = undefined;
    }
  }
  if (open === undefined) return exchanges;
  throw damaged(file, lines.length + 1, 'is the last one, but its exchange has no end');
}

function follows(open: Open, type: unknown): boolean {
  if (type === 'end') return true;
  return open.response === undefined ? type === 'response' : type === 'piece';
}

function requestIn(line: Line): RecordedRequest | undefined {
  const { method, path, body, text } = line;
  if (typeof method !== 'string' || typeof path !== 'string') return undefined;
  if (text !== undefined)
    return typeof text === 'string' ? { method, path, body: text } : undefined;
  return body === undefined ? undefined : { method, path, body: JSON.stringify(body) };
}

function responseIn({ status, headers, atMs }: Line): RecordedResponse | undefined {
  if (!isStatus(status) || !isMs(atMs) || !isObject(headers)) return undefined;
  const texts = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  return { status, headers: Object.fromEntries(texts), atMs };
}

function pieceIn({ text, base64, atMs }: Line): Piece | undefined {
  if (!isMs(atMs)) return undefined;
  if (typeof text === 'string') return { bytes: Buffer.from(text), atMs };
  return typeof base64 === 'string' ? { bytes: Buffer.from(base64, 'base64'), atMs } : undefined;
}

function endIn({ how, atMs, error }: Line): RecordedEnd | undefined {
  if (how !== 'whole' && how !== 'broken' && how !== 'left') return undefined;
  if (!isMs(atMs)) return undefined;
  return error === undefined ? { how, atMs } : { how, atMs, error: errorIn(error) };
}

function errorIn(value: unknown): PlatformError {
  const { name, message, code, cause } = isObject(value) ? value : {};
  return {
    name: String(name),
    message: String(message),
    ...(code === undefined ? {} : { code: String(code) }),
    ...(cause === undefined ? {} : { cause: errorIn(cause) }),
  };
}

function linesOf({ request, response, pieces, end }: RecordedExchange): readonly object[] {
  const { method, path, body } = request;
  return [
    { type: 'request', method, path, ...written(body) },
    ...(response === undefined ? [] : [{ type: 'response', ...response }]),
    ...pieces.map(({ bytes, atMs }) => ({ type: 'piece', ...textOrBase64(bytes), atMs })),
    { type: 'end', ...end },
  ];
}

/** As JSON, for those who read the file, where that gives the very same text back. */
function written(body: string): object {
  const json = parsedLine(body);
  return json !== undefined && JSON.stringify(json) === body ? { body: json } : { text: body };
}

/** As text where that gives the very same bytes back. */
function textOrBase64(bytes: Uint8Array): object {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString();
  return Buffer.from(text).equals(buffer) ? { text } : { base64: buffer.toString('base64') };
}

type Line = Readonly<Record<string, unknown>>;

function parsedLine(text: string): Line | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return isObject(line) ? line : undefined;
  } catch {
    return undefined;
  }
}

function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599;
}

function isMs(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 60);
}

function broken(file: string, line: number, type: string): never {
  throw damaged(file, line, `is no whole ${type}`);
}

function damaged(file: string, line: number, how: string): Error {
  return trouble(
    `The cassette ${file} is damaged: line ${line} ${how}. It was not changed: mend it, or delete it and record it anew.`,
  );
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
