export { fileSessions } from './file-sessions.ts';
export type { FileSessionsOptions } from './file-sessions.ts';
export { sqliteSessions } from './sqlite-sessions.ts';
export type { SqliteSessionsOptions } from './sqlite-sessions.ts';
