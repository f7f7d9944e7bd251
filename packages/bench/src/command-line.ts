import { parseArgs } from 'node:util';
import { sampleNames } from './sample-name.ts';
import type { SampleName } from './sample-name.ts';

/** What can be asked for: every kind of sample, and what is counted once. */
export type Part = SampleName | 'installed' | 'bundle';

export const parts: readonly Part[] = [...sampleNames, 'installed', 'bundle'];

export type Command =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run';
      readonly peers: boolean;
      readonly write: boolean;
      readonly rounds: number;
      readonly parts: readonly Part[];
    };

const quickRounds = 2;
const fullRounds = 5;

export const usage = `pnpm bench [options]

  --quick        without the peers, in ${quickRounds} rounds: a few minutes
  --only a,b     only these: ${parts.slice(0, 6).join(', ')},
                 ${parts.slice(6).join(', ')}
  --rounds n     how often each sample is taken (${fullRounds})
  --write        writes docs/benchmarks.md and its plots
  --help         prints this
`;

/** What is asked for cannot be done; the message says what it was. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Throws a `UsageError` that names what it does not know. */
export function readCommand(args: readonly string[]): Command {
  const { help, quick, write, rounds, only } = parse(args);
  if (help) return { kind: 'help' };
  return {
    kind: 'run',
    peers: !quick,
    write,
    rounds: rounds === undefined ? (quick ? quickRounds : fullRounds) : toRounds(rounds),
    parts: only === undefined ? parts : only.split(',').map(toPart),
  };
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { help: flag, quick: flag, write: flag, rounds: text, only: text },
    }).values;
  } catch (error) {
    // What follows the first sentence is advice on positional arguments, of which there are none here.
    const [words = ''] = (error as Error).message.split('. ');
    throw new UsageError(words, { cause: error });
  }
}

function toRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds > 0) return rounds;
  throw new UsageError(`--rounds takes a number from 1 on, not "${text}"`);
}

function toPart(name: string): Part {
  const part = parts.find((part) => part === name);
  if (part === undefined) {
    throw new UsageError(`There is no measure "${name}". There are ${parts.join(', ')}`);
  }
  return part;
}
