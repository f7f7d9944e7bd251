import { entries } from './contender.ts';
import type { Entry } from './contender.ts';
import type { SampleName } from './sample-name.ts';

/** A Node that runs contenders. */
export interface Node {
  readonly path: string;
  /** As `process.version` has it, without the `v`. */
  readonly version: string;
}

/** A contender on a Node. */
export interface Runner {
  readonly label: string;
  readonly entry: Entry;
  readonly node: Node;
  /** Where it is set, nothing else is measured of it. */
  readonly only?: readonly SampleName[];
}

/** The framework without zod: only how long it takes to load is of interest. */
export const bare: Entry = {
  name: 'Throughline without zod',
  file: new URL('./contenders/throughline-bare.js', import.meta.url),
  packages: ['@throughline/core', '@throughline/anyfast'],
  peer: false,
};

/**
 * Who runs. Peers run on a Node of their own; there `by hand` and `Throughline` run, too, so that all are compared
 * with what ran on the same Node.
 */
export function fieldOf(own: Node, peers?: Node): readonly Runner[] {
  const ours = [...entries.filter(({ peer }) => !peer), bare];
  const theirs = entries.filter(({ peer }) => peer);
  if (peers === undefined) return ours.map((entry) => runnerOf(entry, own, entry.name));
  const named = (node: Node) => (entry: Entry) =>
    runnerOf(entry, node, `${entry.name}, Node ${major(node)}`);
  if (peers.version === own.version) return [...ours, ...theirs].map(named(own));
  return [...ours.map(named(own)), ...[...ours, ...theirs].map(named(peers))];
}

function runnerOf(entry: Entry, node: Node, label: string): Runner {
  return { label, entry, node, ...(entry === bare ? { only: ['load'] } : {}) };
}

/** What a runner is compared with: the loop written by hand, on the same Node. */
export function baseOf(runner: Runner, field: readonly Runner[]): Runner | undefined {
  return field.find(({ entry, node }) => entry === entries[0] && node === runner.node);
}

export function major({ version }: Node): string {
  return version.split('.')[0] ?? version;
}
