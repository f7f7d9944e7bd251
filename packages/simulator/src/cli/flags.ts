import { parseArgs } from 'node:util';
import { faults } from '../fault/all.ts';
import type { FaultUse } from '../fault/plan.ts';
import type { Strictness } from '../rules/gateway.ts';

/**
 * What the command line asks for. This folder owns the command: its flags, its script file and what it prints. What the
 * simulator does is not decided here.
 */
export interface Flags {
  readonly ask: 'run' | 'help' | 'version' | 'list-faults';
  readonly host: string | undefined;
  readonly port: number;
  readonly script: string | undefined;
  readonly loop: boolean;
  readonly faults: readonly FaultUse[];
  readonly strictness: Strictness;
  readonly emptyReasoning: 'reject' | 'accept';
  readonly seed: number;
  readonly cutBytes: number | undefined;
  readonly pieceDelayMs: number;
  readonly log: string | undefined;
  readonly key: string | undefined;
}

/** The command line was wrong; the message is a sentence for its author. */
export class FlagError extends Error {}

/** What `--help` prints. */
export const help = `throughline-simulator: Kimi K2.6 at Anyfast on this machine. The model is scripted.

  --port 8787            the port to listen on; 0 takes any free port
  --host 127.0.0.1       the address to listen on; with any other than a loopback
                         address, other machines can reach the simulator
  --script file          the answers: a .json list, or a module (.mjs, .js) whose
                         default export is a list or a function of the request
  --loop                 start the list of answers again at its end
  --fault name[:times]   a fault to fire, once or so many times; name:30% fires
                         by chance; may be given several times
  --strictness s         what is refused: moonshot (default) checks every rule
                         of the model's API; gateway checks key, model and JSON;
                         lenient checks JSON alone
  --empty-reasoning r    reject (default) or accept reasoning_content: ""
  --seed n               for faults that fire by chance (default 1)
  --cut n                write every body in pieces of n bytes
  --delay ms             wait between the chunks of a stream
  --log file             append every request as a line of JSON
  --key key              the key that is accepted (default simulator-key)
  --list-faults          print every fault there is
  --version              print the version
  --help                 print this

An answer in a script: {"reasoning": "…", "text": "…", "calls": [{"name": "add",
"arguments": {"a": 1}}]}. What is left out is not said. A function of the request:
export default ({ messages, tools }) => ({ text: "Hello." });
`;

/** Reads the command line. Throws a FlagError if it is wrong. */
export function readFlags(args: readonly string[]): Flags {
  const values = parse(args);
  return {
    ask: (['help', 'version', 'list-faults'] as const).find((flag) => values[flag]) ?? 'run',
    host: values.host,
    port: number('port', values.port ?? '8787', { most: 65_535 }),
    script: values.script,
    loop: values.loop ?? false,
    faults: (values.fault ?? []).map(readFault),
    strictness: oneOf('strictness', values.strictness ?? 'moonshot', [
      'moonshot',
      'gateway',
      'lenient',
    ]),
    emptyReasoning: oneOf('empty-reasoning', values['empty-reasoning'] ?? 'reject', [
      'reject',
      'accept',
    ]),
    seed: number('seed', values.seed ?? '1', {}),
    cutBytes: values.cut === undefined ? undefined : number('cut', values.cut, { least: 1 }),
    pieceDelayMs: number('delay', values.delay ?? '0', {}),
    log: values.log,
    key: values.key,
  };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        script: { type: 'string' },
        loop: { type: 'boolean' },
        fault: { type: 'string', multiple: true },
        strictness: { type: 'string' },
        'empty-reasoning': { type: 'string' },
        seed: { type: 'string' },
        cut: { type: 'string' },
        delay: { type: 'string' },
        log: { type: 'string' },
        key: { type: 'string' },
        'list-faults': { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    throw new FlagError(error instanceof Error ? (error.message.split('. ')[0] ?? '') : '');
  }
}

function number(
  flag: string,
  text: string,
  { least = 0, most = Number.MAX_SAFE_INTEGER }: { least?: number; most?: number },
): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  const range =
    most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`;
  throw new FlagError(`--${flag} must be a whole number ${range}, not "${text}"`);
}

function oneOf<const Value extends string>(
  flag: string,
  text: string,
  values: readonly Value[],
): Value {
  const value = values.find((known) => known === text);
  if (value !== undefined) return value;
  throw new FlagError(`--${flag} must be one of ${values.join(', ')}, not "${text}"`);
}

function readFault(text: string): FaultUse {
  const [name = '', amount] = text.split(':');
  const fault = faults.find((known) => known.name === name);
  if (!fault) {
    throw new FlagError(`There is no fault called "${name}"; --list-faults prints all there are`);
  }
  if (amount === undefined) return fault.name;
  const percent = /^(\d{1,2}|100)%$/.exec(amount);
  if (percent) return { fault: fault.name, probability: Number(percent[1]) / 100 };
  return { fault: fault.name, times: number(`fault ${name}:`, amount, { least: 1 }) };
}
