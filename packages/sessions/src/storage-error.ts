import { ThroughlineError } from '@throughline/core';

const inWords: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file may not grow any further',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'it is not permitted',
  EIO: 'the disk fails',
  EMFILE: 'too many files are open',
  ELOOP: 'it is a link, and a session is a file of its own',
  EEXIST: 'a file stands there',
  ENOTDIR: 'a part of the path is no folder',
  SQLITE_FULL: 'the disk is full',
  SQLITE_READONLY: 'the database is read-only',
  SQLITE_CANTOPEN: 'the database cannot be opened',
  SQLITE_BUSY: 'another process holds the database',
  SQLITE_IOERR: 'the disk fails',
  SQLITE_NOTADB: 'the file is no database',
};

/** A failure of the disk in words, with the system's own error as `cause`. An error of ours passes unchanged. */
export function storageError(what: string, path: string, cause: unknown): ThroughlineError {
  if (cause instanceof ThroughlineError) return cause;
  const code = codeOf(cause) ?? '';
  const why = inWords[code] ?? inWords[code.split('_').slice(0, 2).join('_')];
  const words = why === undefined ? String(cause) : `${why} (${code})`;
  return new ThroughlineError('session_storage', `${what}: ${words}. Path: ${path}`, { cause });
}

export function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
