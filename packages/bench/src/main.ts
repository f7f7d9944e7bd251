// `pnpm bench`: takes the samples, prints what they come to, and writes the page where it is asked to.
import { readCommand, usage, UsageError } from './command-line.ts';
import type { Command } from './command-line.ts';
import { fieldOf } from './field.ts';
import type { Runner } from './field.ts';
import { foldAll } from './fold.ts';
import { ownNode, PeersError, readyPeers } from './peers.ts';
import { tellTurns } from './progress.ts';
import { takeAll, turnsOf } from './round.ts';
import { sampleNames } from './sample-name.ts';
import { sectionsOf, verdictsOf } from './section.ts';
import type { Findings } from './section.ts';
import { paintFor, toText } from './table.ts';
import { weighBundles, weighInstalled } from './weight.ts';

type Run = Extract<Command, { kind: 'run' }>;

const say = (words: string) => void process.stderr.write(`${words}\n`);

try {
  const command = readCommand(process.argv.slice(2));
  if (command.kind === 'help') process.stdout.write(usage);
  else await bench(command);
} catch (error) {
  if (error instanceof UsageError) say(`${error.message}.\n\n${usage}`);
  else if (error instanceof PeersError) say(error.message);
  else throw error;
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function bench(command: Run): Promise<void> {
  const field = fieldOf(ownNode, command.peers ? await readyPeers(say) : undefined);
  const findings = await find(command, field);
  print(findings);
  if (command.write) {
    // Loaded only here: the library of the plots is large.
    const { writePage } = await import('./page.ts');
    for (const path of writePage(findings, { field, rounds: command.rounds }))
      say(`Wrote ${path}.`);
  }
  const broken = findings.rows.some(
    ({ runner, outcome }) => outcome.kind === 'failed' && !runner.entry.peer,
  );
  if (broken) process.exitCode = 1;
}

async function find({ parts, rounds }: Run, field: readonly Runner[]): Promise<Findings> {
  const measures = sampleNames.filter((name) => parts.includes(name));
  const turns = turnsOf({ field, measures, rounds });
  const progress = tellTurns(process.stderr, turns.length);
  const taken = await takeAll(turns, progress.tell);
  progress.end();
  const entries = [...new Set(field.map(({ entry }) => entry))];
  return {
    rows: foldAll(taken, field),
    installed: parts.includes('installed') ? weighInstalled(entries) : [],
    bundles: parts.includes('bundle') ? await weighBundles(entries) : [],
  };
}

function print(findings: Findings): void {
  const paint = paintFor(process.stdout);
  for (const { title, about, tables } of sectionsOf(findings)) {
    process.stdout.write(`\n${paint('bold', title)}  ${paint('dim', about)}\n`);
    for (const table of tables) process.stdout.write(`\n${toText(table, paint, tables)}\n`);
  }
  const verdicts = verdictsOf(findings);
  const missed = verdicts.filter(({ met }) => !met);
  const sum = `${verdicts.length - missed.length} of ${verdicts.length} targets met`;
  process.stdout.write(`\n${paint('bold', sum)}\n`);
  for (const { words } of missed) process.stdout.write(`${paint('red', `  not met  ${words}`)}\n`);
}
