import type { Bundle } from './bundle.ts';
import type { Installed } from './closure.ts';
import { isMet, wordsOf } from './figure.ts';
import type { Figure, Target } from './figure.ts';
import type { Row } from './fold.ts';
import { abouts, sampleNames } from './sample-name.ts';
import { toDigits } from './table.ts';
import type { Table } from './table.ts';
import type { Weight } from './weight.ts';

/** Everything that a run of the bench has found out. */
export interface Findings {
  readonly rows: readonly Row[];
  readonly installed: readonly Weight<Installed>[];
  readonly bundles: readonly Weight<Bundle>[];
}

/** Tables that belong together. */
export interface Section {
  readonly title: string;
  readonly about: string;
  readonly tables: readonly Table[];
}

export function sectionsOf({ rows, installed, bundles }: Findings): readonly Section[] {
  const sections = sampleNames.map((measure) => {
    const own = rows.filter(({ figure }) => figure.measure === measure);
    const figures = [...new Set(own.map(({ figure }) => figure))];
    const tables = figures.map((figure) =>
      tableOf(
        figure,
        own.filter((row) => row.figure === figure),
      ),
    );
    return { title: measure, about: abouts[measure], tables };
  });
  return [
    ...sections,
    {
      title: 'installed',
      about: 'Packages that are installed for it, with all they need, and how large they are.',
      tables: installed.length === 0 ? [] : [installedTable(installed)],
    },
    {
      title: 'bundle',
      about:
        'A program with one agent and one tool, bundled by esbuild, minified and gzipped. In a run is what Node loads ' +
        'while the model calls the tool once and then answers. Without zod: zod/mini makes the schema, and is not counted.',
      tables: bundles.length === 0 ? [] : [bundleTable(bundles)],
    },
  ].filter(({ tables }) => tables.length > 0);
}

/** What is held to a target, in words. What has failed has not met it. */
export function verdictsOf({ rows, installed, bundles }: Findings): readonly Verdict[] {
  return [
    ...rows.flatMap(verdictOfRow),
    ...installed.flatMap((weight) => verdictOfWeight(weight, 'packages', (of) => of.packages)),
    ...bundles.flatMap((weight) => verdictOfWeight(weight, 'KB at once', (of) => of.atOnceKB)),
  ];
}

export interface Verdict {
  readonly met: boolean;
  readonly words: string;
}

function verdictOfRow({ figure, runner, outcome }: Row): readonly Verdict[] {
  const { measure, label, unit, target, judged } = figure;
  if (target === undefined || runner.entry.name !== judged) return [];
  const words = (found: string) =>
    `${measure}, ${label}: ${found}, target ${wordsOf(target)} (${runner.label})`;
  if (outcome.kind === 'failed') return [{ met: false, words: words('failed') }];
  const { ratio, median, met } = outcome;
  if (met === undefined) return [];
  const found =
    ratio === undefined ? `${toDigits(median)} ${unit}`.trim() : `${toDigits(ratio)} times by hand`;
  return [{ met, words: words(found) }];
}

function verdictOfWeight<Value extends object>(
  { label, value, target }: Weight<Value>,
  unit: string,
  read: (value: Value) => number,
): readonly Verdict[] {
  if (target === undefined) return [];
  const aim = `target ${wordsOf(target)} ${unit}`;
  if ('failed' in value) return [{ met: false, words: `${label}: failed, ${aim}` }];
  const found = read(value as Value);
  return [{ met: isMet(target, found), words: `${label}: ${toDigits(found)}, ${aim}` }];
}

function tableOf(figure: Figure, rows: readonly Row[]): Table {
  const caption = `${figure.label}${figure.unit === '' ? '' : `, ${figure.unit}`}`;
  return {
    caption,
    head: ['', 'median', 'range', 'ratio', 'target'],
    rows: rows.map(({ runner, outcome }) => {
      if (outcome.kind === 'failed') return [runner.label, '', '', '', `failed: ${outcome.words}`];
      const { median, min, max, ratio, met } = outcome;
      return [
        runner.label,
        toDigits(median),
        min === max ? '' : `${toDigits(min)} – ${toDigits(max)}`,
        ratio === undefined ? '' : ratio.toFixed(2),
        verdict(figure.target, met),
      ];
    }),
  };
}

function installedTable(installed: readonly Weight<Installed>[]): Table {
  return {
    caption: 'installed',
    head: ['', 'packages', 'MB', 'target'],
    rows: installed.map((weight) => {
      const { label, value, target } = weight;
      if ('failed' in value) return [label, '', '', `failed: ${value.failed}`];
      const met = target && isMet(target, value.packages);
      return [label, String(value.packages), toDigits(value.megabytes), verdict(target, met)];
    }),
  };
}

function bundleTable(bundles: readonly Weight<Bundle>[]): Table {
  return {
    caption: 'bundled, KB',
    head: ['', 'at once', 'in a run', 'only when needed', 'target'],
    rows: bundles.map(({ label, value, target }) => {
      if ('failed' in value) return [label, '', '', '', `failed: ${value.failed}`];
      const { atOnceKB, inRunKB, laterKB } = value;
      const met = target && isMet(target, atOnceKB);
      return [
        label,
        toDigits(atOnceKB),
        inRunKB === undefined ? '' : toDigits(inRunKB),
        toDigits(laterKB),
        verdict(target, met),
      ];
    }),
  };
}

function verdict(target: Target | undefined, met: boolean | undefined): string {
  if (target === undefined || met === undefined) return '';
  return `${wordsOf(target)} ${met ? 'met' : 'not met'}`;
}
