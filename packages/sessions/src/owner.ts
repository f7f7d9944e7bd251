import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process that has a session open. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one of the same number. Empty where the system does not say. */
  readonly started: string;
  /** Where its number counts: the boot of the machine and the PID namespace. Empty where the system does not say. */
  readonly space?: string;
}

export function thisProcess(): Owner {
  const { pid } = process;
  return { pid, host: hostname(), started: processStart(pid) ?? '', space: pidSpace() };
}

/**
 * Whether the process is surely over. One of another machine, or of another container on this one, is taken to live: its number
 * means nothing here.
 */
export function isGone({ pid, host, started, space = '' }: Owner): boolean {
  if (host !== hostname()) return false;
  const here = pidSpace();
  if (space !== '' && here !== '' && space !== here) return bootOf(space) !== bootOf(here);
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  if (started === '') return false;
  return processStart(pid) !== started;
}

export function tellOwner({ pid, host, space = '' }: Owner): string {
  if (host !== hostname()) return `process ${pid} on the machine "${host}"`;
  if (space !== '' && space !== pidSpace()) return `process ${pid} of another container`;
  return pid === process.pid ? 'this process' : `process ${pid}`;
}

function pidSpace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

/** Before this machine was started again nothing of that time lives any more. */
function bootOf(space: string): string {
  return space.split(' ', 1)[0] ?? '';
}

/** When a process began, in a form to compare. Undefined where the system does not say, or it is a zombie. */
function processStart(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program stands in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : `${boot} ${fields[19]}`;
  } catch {
    return undefined;
  }
}
