import { constants } from 'node:os';
import type { Ending } from './command.ts';
import { count } from './trouble.ts';

/** How a command ended, in a sentence or two for the model. Each way has words of its own. */
export function describeEnding(ending: Ending, timeoutMs?: number): string {
  const { leftBehind, stop, undead } = ending;
  const how = howItEnded(ending, timeoutMs);
  if (undead) return `${how} The system has not let it end: it may still run.`;
  if (stop !== undefined || leftBehind === 0) return how;
  const left = count(leftBehind, 'process', 'processes');
  return `${how} It left ${left} running, which ${leftBehind === 1 ? 'was' : 'were'} ended; start_command keeps a command running.`;
}

function howItEnded({ code, signal, stop, ranMs }: Ending, timeoutMs: number | undefined): string {
  const after = seconds(ranMs);
  if (stop === 'timeout') {
    return `Timed out: it did not end within ${seconds(timeoutMs ?? ranMs)}, so it was ended with all its processes. Name a longer timeout_seconds, or use start_command.`;
  }
  if (stop !== undefined) return `Stopped after ${after}, with all its processes.`;
  if (signal !== null) return `Ended by signal ${signal} after ${after}.`;
  return `Exit code ${code} after ${after}.${meaning(code ?? 0)}`;
}

/** What shells mean by codes above 125. */
function meaning(code: number): string {
  if (code === 126) return ' The shell could not run it: no permission, or no program.';
  if (code === 127) return ' The shell found no such command.';
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return name === undefined ? '' : ` The shell means by it that a process was ended by ${name}.`;
}

/** A time as people write it. */
export function seconds(ms: number): string {
  const value = ms < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1000);
  return `${value.toLocaleString('en-US')} s`;
}
