import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process that has a session open. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one of the same number. Empty where the system does not say. */
  readonly started: string;
}

export function thisProcess(): Owner {
  const { pid } = process;
  return { pid, host: hostname(), started: processStart(pid) ?? '' };
}

/** Whether the process is surely over. One of another machine is taken to live: nobody here can know. */
export function isGone({ pid, host, started }: Owner): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  if (started === '') return false;
  return processStart(pid) !== started;
}

export function tellOwner({ pid, host }: Owner): string {
  if (host !== hostname()) return `process ${pid} on the machine "${host}"`;
  return pid === process.pid ? 'this process' : `process ${pid}`;
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
