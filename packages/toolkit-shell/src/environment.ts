import { delimiter, isAbsolute, sep } from 'node:path';
import { ThroughlineError } from '@throughline/core';

/** What a command gets of the host's environment. All else, keys above all, stays here. */
const passed = ['HOME', 'LANG', 'LANGUAGE', 'LOGNAME', 'SHELL', 'TMPDIR', 'TZ', 'USER'];

/** Programs that would ask, page or colour are told that nobody is there. */
const unattended = {
  NO_COLOR: '1',
  TERM: 'dumb',
  PAGER: 'cat',
  GIT_PAGER: 'cat',
  MANPAGER: 'cat',
  GIT_TERMINAL_PROMPT: '0',
};

/** The start of the variable by which the processes of one command are found, whatever group or session they moved to. */
export const markPrefix = 'THROUGHLINE_COMMAND_';

/** The environment of commands in `root`: a few of the host's variables, then the host's own additions. */
export function environment(
  root: string,
  host: NodeJS.ProcessEnv,
  added: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(host).filter(
    // An outer toolkit, under which this process runs, must still find what is started here.
    ([name]) => passed.includes(name) || /^LC_[A-Z]+$/.test(name) || name.startsWith(markPrefix),
  );
  const fromHost = Object.fromEntries(kept) as Record<string, string>;
  return { ...fromHost, PATH: pathOutside(root, host['PATH']), ...unattended, ...added };
}

/** Without the working folder and what is in it: a file called `git` that a command wrote there is not `git`. */
function pathOutside(root: string, path = ''): string {
  const entries = path
    .split(delimiter)
    .filter((entry) => isAbsolute(entry) && !`${entry}${sep}`.startsWith(`${root}${sep}`));
  return entries.length === 0 ? '/usr/local/bin:/usr/bin:/bin' : entries.join(delimiter);
}

/** Throws `invalid_option` for variables that would make the shell run something before, or instead of, a command. */
export function checkAdded(added: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(added)) {
    const refuse = (why: string) =>
      new ThroughlineError('invalid_option', `shell(): env.${name} ${why}.`);
    if (typeof value !== 'string') throw refuse(`is a ${typeof value}, but it must be a text`);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw refuse('is no name of a variable');
    if (value.includes('\0')) throw refuse('holds a NUL character');
    if (/^(BASH_ENV|ENV|BASHOPTS|SHELLOPTS|PROMPT_COMMAND|PS4|IFS|BASH_FUNC_.*)$/.test(name)) {
      throw refuse('changes what the shell does with every command');
    }
  }
}
