import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ThroughlineError } from '@throughline/core';
import type { SessionInfo } from '@throughline/core';
import { firstLine } from './read-lines.ts';
import { codeOf } from './storage-error.ts';

/** The first line of a session's file. */
export interface Header {
  readonly throughline: 'session';
  readonly v: 1;
  readonly id: string;
  readonly createdAtMs: number;
  /** The session that this one begins with, up to a line. */
  readonly parent?: { readonly id: string; readonly seq: number };
}

const suffix = '.jsonl';

/** The name of a session's files. Throws `invalid_input` for what is no id. */
export function nameOf(id: string): string {
  if (typeof id !== 'string' || id === '' || id.length > 200 || /\p{Surrogate}/u.test(id)) {
    throw new ThroughlineError(
      'invalid_input',
      `A session cannot be called ${JSON.stringify(id)?.slice(0, 300)}: an id is a text of 1 to 200 characters.`,
    );
  }
  const name = encodeURIComponent(id).replace(/^[.]|[!'()*~]/g, escaped);
  if (name.length <= 200) return name;
  throw new ThroughlineError(
    'invalid_input',
    `The session's id ${JSON.stringify(id)} is too long for the name of a file.`,
  );
}

export function pathOf(dir: string, id: string): string {
  return join(dir, nameOf(id) + suffix);
}

/** The folder of what is too large for the log. */
export function largeOf(dir: string, id: string): string {
  return join(dir, `${nameOf(id)}.large`);
}

/** Reads the first line. Undefined where there is no such file, or not one whole line in it. */
export async function readHeader(path: string, id?: string): Promise<Header | undefined> {
  const text = await firstLine(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : toHeader(text, path, id);
}

/** Throws `session_corrupt` for what is not the first line of this session. */
export function toHeader(text: string, path: string, id?: string): Header {
  let header: Partial<Header> = {};
  try {
    header = (JSON.parse(text) ?? {}) as Partial<Header>;
  } catch {
    // told below
  }
  const v: unknown = header.v;
  if (header.throughline !== 'session' || typeof header.id !== 'string') {
    throw new ThroughlineError(
      'session_corrupt',
      `${path} does not begin as a session does. Nothing was changed.`,
    );
  }
  if (v !== 1) {
    throw new ThroughlineError(
      'session_version',
      `The session "${header.id}" is of version ${String(v)}; this release reads version 1. Nothing was changed.`,
    );
  }
  if (id === undefined || header.id === id) return header as Header;
  throw new ThroughlineError(
    'session_corrupt',
    `${path} holds the session "${header.id}", not "${id}". Nothing was changed.`,
  );
}

/** All sessions of a folder, the last changed first. A file that cannot be read is told by its name alone. */
export async function listFiles(dir: string): Promise<readonly SessionInfo[]> {
  const infos: SessionInfo[] = [];
  for (const file of await filesOf(dir)) {
    const info = await infoIn(dir, file);
    if (info !== undefined) infos.push(info);
  }
  return infos.toSorted((a, b) => b.changedAtMs - a.changedAtMs);
}

/** One session of a folder, told as in the list; undefined where there is none. */
export function fileInfo(dir: string, id: string): Promise<SessionInfo | undefined> {
  return infoIn(dir, nameOf(id) + suffix);
}

async function infoIn(dir: string, file: string): Promise<SessionInfo | undefined> {
  const path = join(dir, file);
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined || facts.size === 0) return undefined; // it went away meanwhile, or never began
  const header = await readHeader(path).catch(() => undefined);
  return {
    id: header?.id ?? idOf(file),
    changedAtMs: facts.mtimeMs,
    bytes: facts.size,
    ...(header?.parent === undefined ? {} : { parent: header.parent }),
  };
}

/** The id that a file's name stands for; the name itself where it stands for none. */
function idOf(file: string): string {
  const name = file.slice(0, -suffix.length);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

async function filesOf(dir: string): Promise<readonly string[]> {
  try {
    return (await readdir(dir)).filter((file) => file.endsWith(suffix));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
