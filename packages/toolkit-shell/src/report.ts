import type { Command, Ending } from './command.ts';
import { describeEnding, seconds } from './ending.ts';
import { firstOf, lastOf } from './excerpt.ts';
import { logBytes } from './output.ts';
import type { Output } from './output.ts';
import { count } from './trouble.ts';

/** The most characters of the beginning, and of the end, that one result shows; well below what core would cut. */
const mostHead = 15_000;
const mostTail = 15_000;
const mostPage = 30_000;

/** How a command ended and what it wrote, its beginning and its end. What is ours stands in the first line. */
export function reportEnd(command: Command, ending: Ending, timeoutMs?: number): string {
  return withOutput(describeEnding(ending, timeoutMs), command);
}

/** That a command still runs, and the end of what it wrote so far. */
export function reportRunning(command: Command): string {
  const { output } = command;
  const quiet =
    command.silentMs < 5_000 ? '' : ` It has written nothing for ${seconds(command.silentMs)}.`;
  const state = `Still running after ${seconds(command.ranMs)}.${quiet}`;
  const tail = lastOf(lastBytes(output, output.total), mostTail);
  if (output.total === 0) return `${state} It has written nothing yet.`;
  if (tail.bytes >= output.total) return `${state} Its output so far:\n${tail.text}`;
  const from = output.total - tail.bytes;
  return `${state} It has written ${count(output.total, 'byte')}; these are the last. ${where(command, 0)}\n[… ${count(from, 'byte')} before …]\n${tail.text}`;
}

/** One page of what a command wrote. */
export function reportPage(command: Command, offset: number): string {
  const { output, ending } = command;
  const state =
    ending === undefined
      ? `Still running after ${seconds(command.ranMs)}.`
      : describeEnding(ending);
  if (output.total === 0)
    return `${state} It has written nothing${ending === undefined ? ' yet' : ''}.`;
  const all = count(output.total, 'byte');
  if (offset >= output.total)
    return `${state} It has written ${all}; there is nothing from offset ${offset} on.`;
  const bytes = output.read(offset, mostPage);
  const page = firstOf(
    bytes,
    mostPage,
    ending !== undefined && offset + bytes.length === output.total,
  );
  if (page.bytes === 0) {
    return `${state} It has written ${all}; from offset ${offset} on they were not kept. ${kept(output)}`;
  }
  const end = offset + page.bytes;
  const rest = end < output.total ? ` The rest: offset ${end}.` : '';
  return `${state} Bytes ${offset} to ${end} of ${all}.${rest}\n${page.text}`;
}

function withOutput(state: string, command: Command): string {
  const { output } = command;
  const { total } = output;
  if (total === 0) return `${state} It wrote nothing.`;
  const whole = firstOf(
    output.read(0, mostHead + mostTail),
    mostHead + mostTail,
    total <= mostHead + mostTail,
  );
  if (whole.bytes >= total) return `${state} Output:\n${whole.text}`;
  const head = firstOf(output.read(0, mostHead), mostHead, false);
  const tail = lastOf(lastBytes(output, total - head.bytes), mostTail);
  const missing = total - head.bytes - tail.bytes;
  return (
    `${state} Output: ${count(total, 'byte')}, of which ${missing.toLocaleString('en-US')} in the middle are left out here. ${where(command, head.bytes)}\n` +
    `${head.text}\n[… ${count(missing, 'byte')} left out …]\n${tail.text}`
  );
}

/** The last bytes, at most `most`. */
function lastBytes(output: Output, most: number): Buffer {
  const length = Math.min(most, mostTail);
  return output.read(output.total - length, length);
}

/** How to see what is not shown. */
function where({ id, output }: Command, from: number): string {
  const page = `command_output with id "${id}" and offset ${from} tells them.`;
  if (output.logPath === undefined)
    return `${page}${output.logTrouble === undefined ? '' : ` ${kept(output)}`}`;
  return `${page} ${kept(output)}`;
}

function kept({ total, readable, logPath, logTrouble }: Output): string {
  if (logTrouble !== undefined) {
    return `There is no log of it (${logTrouble}): of the beginning only ${count(readable, 'byte')} were kept.`;
  }
  const file = logPath === undefined ? '' : ` in ${logPath}`;
  if (total <= logBytes) return `They are kept${file}.`;
  return `Only the first ${count(logBytes, 'byte')} are kept${file}.`;
}
