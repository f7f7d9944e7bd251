import process from 'node:process';

/** What a command that goes on with a session must say again. */
export interface Again {
  readonly agent?: string | undefined;
  readonly mcp?: boolean | undefined;
  readonly folder?: string | undefined;
}

/** A command of ours as a person can paste it into the shell. */
export function commandLine(words: readonly string[], again: Again): string {
  const options = [
    ...(again.agent === undefined ? [] : ['--agent', again.agent]),
    ...(again.mcp ? ['--mcp'] : []),
    ...(again.folder === undefined ? [] : ['--folder', again.folder]),
  ];
  return ['throughline', ...words, ...options].map(shellWord).join(' ');
}

/** A word as the shell reads it back. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return process.platform === 'win32'
    ? `"${word.replaceAll('"', '\\"')}"`
    : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
