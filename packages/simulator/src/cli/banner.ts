import { faults } from '../fault/all.ts';
import { isLoopback } from '../rules/caller.ts';
import type { Simulator } from '../simulator.ts';
import type { RecordedRequest } from '../wire/recorded-request.ts';
import type { Flags } from './flags.ts';

/** What the bin prints when it has started. */
export function banner(simulator: Simulator, flags: Flags): string {
  const script = flags.script ?? 'the default script, SCRIPTED: it calls no tool';
  const firing = flags.faults.map(describe).join(', ');
  const lines = [
    ['base URL', simulator.url],
    ['key', simulator.key],
    ['model', 'kimi-k2.6, SCRIPTED: no model runs here'],
    ['script', flags.loop ? `${script}, from the start again at its end` : script],
    ['strictness', flags.strictness],
    ...(firing ? [['faults', firing]] : []),
    ...(flags.cutBytes ? [['cut', `every body in pieces of ${flags.cutBytes} bytes`]] : []),
    ...(flags.log ? [['log', flags.log]] : []),
  ];
  const rule = '─'.repeat(64);
  const table = lines.map(([name = '', value = '']) => `  ${name.padEnd(12)}${value}`).join('\n');
  return `\n  Throughline simulator · Kimi K2.6 at Anyfast, on this machine\n  ${rule}\n${table}\n  ${rule}\n  Any OpenAI-compatible client can use it. Ctrl-C ends it.\n`;
}

/** What the bin says on stderr where other machines can reach it; undefined on a loopback address. */
export function hostWarning(host: string | undefined): string | undefined {
  if (host === undefined || isLoopback(host)) return undefined;
  return `Warning: the simulator listens on ${host}, so other machines can send it requests. Leave --host out to keep it to this machine.`;
}

/** The line the bin prints for a request that has ended. */
export function requestLine(request: RecordedRequest): string {
  const { index, method, path, status, answer, error, attempt } = request;
  const ms = (request.endedAt ?? request.arrivedAt) - request.arrivedAt;
  const lints = [...new Set(request.lints.map(({ name }) => name))];
  const told = [
    `${String(index + 1).padStart(4)}  ${status ?? '---'}  ${method} ${path}`,
    answer !== undefined && `scripted answer ${answer + 1}`,
    request.body?.stream === true && 'stream',
    `${ms} ms`,
    attempt > 1 && `attempt ${attempt}`,
    request.closedByClient && 'the client left',
    request.faults.length > 0 && `fault ${request.faults.join(' ')}`,
    lints.length > 0 && `lint ${lints.join(' ')}`,
    error !== undefined && error.replaceAll(/\s+/g, ' ').slice(0, 200),
  ];
  return told.filter((part) => part !== false).join(' · ');
}

/** What `--list-faults` prints. */
export function faultTable(): string {
  const heads = { name: 'fault', kind: 'kind', about: 'what happens', source: 'known from' };
  const width = Math.max(...faults.map(({ name }) => name.length));
  const lines = [heads, ...faults].map(
    ({ name, kind, about, source }) =>
      `${name.padEnd(width)}  ${kind.padEnd(6)}  ${about}  [${source}]`,
  );
  return lines.join('\n');
}

function describe(use: Flags['faults'][number]): string {
  if (typeof use === 'string') return use;
  if (use.probability !== undefined) return `${use.fault} (${use.probability * 100} %)`;
  return `${use.fault} (${use.times} times)`;
}
