import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Runner } from './field.ts';
import { plotsOf } from './plot.ts';
import type { Plot } from './plot.ts';
import { sectionsOf, verdictsOf } from './section.ts';
import type { Findings } from './section.ts';
import { toMarkdown } from './table.ts';
import { weighInstalled } from './weight.ts';

/** How the figures came about. */
export interface Circumstances {
  readonly field: readonly Runner[];
  readonly rounds: number;
}

/** Writes `docs/benchmarks.md` and its plots. Returns what was written, as a reader at the root names it. */
export function writePage(findings: Findings, how: Circumstances): readonly string[] {
  const docs = new URL('../../../docs/', import.meta.url);
  const plots = plotsOf(findings.rows);
  const files = [
    ...plots.map(({ file, svg }) => [`benchmarks/${file}`, svg] as const),
    ['benchmarks.md', pageOf(findings, how, plots)] as const,
  ];
  mkdirSync(new URL('benchmarks/', docs), { recursive: true });
  for (const [path, text] of files) writeFileSync(fileURLToPath(new URL(path, docs)), text);
  return files.map(([path]) => `docs/${path}`);
}

/** The page as Markdown. */
export function pageOf(
  findings: Findings,
  how: Circumstances,
  plots: readonly Pick<Plot, 'file' | 'title'>[],
): string {
  const sections = sectionsOf(findings).map(({ title, about, tables }) =>
    [`### ${title}`, about, ...tables.map(toMarkdown)].join('\n\n'),
  );
  const parts = [
    '# Benchmarks',
    'Written by `pnpm bench --write`; the numbers are not edited by hand.',
    '## In short',
    ...shortly(findings),
    ...plots.map(({ file, title }) => `![${title}](benchmarks/${file})`),
    '## How it is measured',
    ...method(how),
    '## Who was measured',
    contestants(how),
    '## Figures',
    ...sections,
  ];
  return `${parts.join('\n\n')}\n`;
}

function shortly(findings: Findings): readonly string[] {
  const verdicts = verdictsOf(findings);
  const missed = verdicts.filter(({ met }) => !met);
  if (verdicts.length === 0) return ['No target was looked at in this run.'];
  const list = (chosen: typeof verdicts) => chosen.map(({ words }) => `- ${words}`).join('\n');
  const met = verdicts.filter((verdict) => verdict.met);
  return [
    ...(missed.length === 0
      ? [`All ${verdicts.length} targets that were looked at are met.`]
      : [`**Not met**, ${missed.length} of ${verdicts.length}:`, list(missed)]),
    ...(met.length === 0 ? [] : ['Met:', list(met)]),
  ];
}

function method({ field, rounds }: Circumstances): readonly string[] {
  const memory = Math.round(totalmem() / 2 ** 30);
  const machine = `${availableParallelism()} cores, ${memory} GB of memory, ${platform()} ${arch()}`;
  const date = new Date().toISOString().slice(0, 10);
  const peers = field.some(({ entry }) => entry.peer);
  return [
    `On ${date}, on a machine with ${machine}, in ${rounds} ${rounds === 1 ? 'round' : 'rounds'}.`,
    'Every sample is a fresh process that talks over HTTP to a server in another process on the same machine. The server ' +
      'answers from memory with what it wrote beforehand, so it costs all of them the same, and no model is asked: what is ' +
      'left is the framework. A sample warms up until its code is compiled, checks that the work was really done, and then ' +
      'measures, in several looks, of which the calmest counts, since machines are never quiet. In each ' +
      'round all have their turn in every measure, one right after the other, and another one begins each time.',
    'A **ratio** compares with *by hand*, a loop of `fetch`, `JSON.parse` and `push` that checks nothing and retries nothing: ' +
      'the mean of the better half of its rounds, divided by that of the other, turned over where more is better, since ' +
      'what disturbs a sample nearly always makes it worse. So above 1 is always worse. The range is that of all rounds; a machine that ' +
      'does other things at the same time shows in it.',
    peers
      ? 'The peers run on a Node of their own, since some of them refuse ours. By hand and Throughline run there, too, and a ' +
        'peer is compared with by hand on the same Node. The peers are called as their documentation shows. A better way ' +
        'to call one belongs in `packages/bench/peers`.'
      : '**The peers were not part of this run.** `pnpm bench --write` without `--quick` measures them, too.',
  ];
}

function contestants({ field }: Circumstances): string {
  const rows = weighInstalled([...new Set(field.map(({ entry }) => entry))]).map(
    ({ label, value }) => {
      const nodes = field
        .filter(({ entry }) => entry.name === label)
        .map(({ node }) => node.version);
      const packages = 'failed' in value ? value.failed : value.asked.join(', ');
      return [label, [...new Set(nodes)].join(', '), packages];
    },
  );
  return toMarkdown({ caption: '', head: ['', 'Node', 'packages'], rows });
}
