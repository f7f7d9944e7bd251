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
      about: 'A program with one agent and one tool, bundled by esbuild, minified and gzipped.',
      tables: bundles.length === 0 ? [] : [bundleTable(bundles)],
    },
  ].filter(({ tables }) => tables.length > 0);
}

/** What is held to a target, in words. */
export function verdictsOf({ rows, installed, bundles }: Findings) {
  const measured = rows.flatMap(({ figure, runner, outcome }) => {
    if (outcome.kind === 'failed' || outcome.met === undefined || !figure.target) return [];
    const value = figure.by === 'ratio' ? (outcome.ratio ?? NaN) : outcome.median;
    const unit = figure.by === 'ratio' ? ' times by hand' : toUnit(figure);
    const words = `${figure.measure}, ${figure.label}: ${toDigits(value)}${unit}, target ${wordsOf(figure.target)} (${runner.label})`;
    return [{ met: outcome.met, words }];
  });
  const weighed = [
    ...installed.map((weight) => ({ weight, unit: 'packages', of: countOf(weight) })),
    ...bundles.map((weight) => ({ weight, unit: 'KB at once', of: eagerOf(weight) })),
  ].flatMap(({ weight: { label, target }, unit, of }) => {
    if (target === undefined || of === undefined) return [];
    const words = `${label}: ${toDigits(of)} ${unit}, target ${wordsOf(target)}`;
    return [{ met: isMet(target, of), words }];
  });
  return [...measured, ...weighed];
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
    head: ['', 'loaded at once', 'loaded when needed', 'target'],
    rows: bundles.map(({ label, value, target }) => {
      if ('failed' in value) return [label, '', '', `failed: ${value.failed}`];
      const met = target && isMet(target, value.eagerKB);
      return [label, toDigits(value.eagerKB), toDigits(value.lazyKB), verdict(target, met)];
    }),
  };
}

function verdict(target: Target | undefined, met: boolean | undefined): string {
  if (target === undefined || met === undefined) return '';
  return `${wordsOf(target)} ${met ? 'met' : 'not met'}`;
}

function toUnit({ unit }: Figure): string {
  return unit === '' ? '' : ` ${unit}`;
}

function countOf({ value }: Weight<Installed>): number | undefined {
  return 'failed' in value ? undefined : value.packages;
}

function eagerOf({ value }: Weight<Bundle>): number | undefined {
  return 'failed' in value ? undefined : value.eagerKB;
}
