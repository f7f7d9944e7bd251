export { fileSessions } from './file-sessions.ts';
export type { FileSessions, FileSessionsOptions } from './file-sessions.ts';
export type { TailOptions, StoredLines } from './file-lines.ts';
export { sqliteSessions } from './sqlite-sessions.ts';
export type { SqliteSessionsOptions } from './sqlite-sessions.ts';
