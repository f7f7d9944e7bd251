import { widthOf } from '../terminal/graphemes.ts';
import { marks } from './finding-row.ts';
import type { Finding, Report } from './report.ts';

/** One probe that two reports judge differently. Absent: the probe was not asked there. */
export interface Difference {
  readonly name: string;
  readonly first?: Pick<Finding, 'outcome' | 'says'>;
  readonly second?: Pick<Finding, 'outcome' | 'says'>;
}

/** What differs between two reports: two endpoints, or two days of one. */
export interface Comparison {
  readonly first: Named;
  readonly second: Named;
  readonly differences: readonly Difference[];
  /** How many probes say the same. */
  readonly same: number;
}

type Named = Pick<Report, 'baseURL' | 'model' | 'checkedAt' | 'use' | 'usd'>;

/** Compares outcomes and words. Figures and ids in the words do not count: no two answers take the same time. */
export function compare(first: Report, second: Report): Comparison {
  const names = [...new Set([...first.findings, ...second.findings].map(({ name }) => name))];
  const pairs = names.map((name) => ({
    name,
    ...part('first', first, name),
    ...part('second', second, name),
  }));
  const differences = pairs.filter(
    (pair: Difference) => essence(pair.first) !== essence(pair.second),
  );
  const same = pairs.length - differences.length;
  return { first: named(first), second: named(second), differences, same };
}

function part(side: 'first' | 'second', { findings }: Report, name: string) {
  const found = findings.find((finding) => finding.name === name);
  return found === undefined ? {} : { [side]: { outcome: found.outcome, says: found.says } };
}

function named({ baseURL, model, checkedAt, use, usd }: Report): Named {
  return { baseURL, model, checkedAt, use, ...(usd === undefined ? {} : { usd }) };
}

function essence(found: Difference['first']): string | undefined {
  return found && `${found.outcome} ${found.says.replaceAll(/\S*\d\S*/g, '0')}`;
}

/** The comparison for a person: what is compared, then each probe that differs with what both say. */
export function comparisonText({ first, second, differences, same }: Comparison): string {
  const width = Math.max(0, ...differences.map(({ name }) => widthOf(name)));
  const rows = differences.flatMap(({ name, first: one, second: other }) => [
    `${name.padEnd(width)}  A ${said(one)}`,
    `${' '.repeat(width)}  B ${said(other)}`,
  ]);
  const count = differences.length === 0 ? 'Nothing differs' : `${differences.length} differ`;
  return [
    titleOf('A', first),
    titleOf('B', second),
    ...rows,
    `${count}; ${same} say the same.`,
  ].join('\n');
}

function titleOf(letter: string, { model, baseURL, checkedAt, use }: Named): string {
  return `${letter}: ${model} at ${baseURL}, ${checkedAt}, use ${JSON.stringify(use)}`;
}

function said(found: Difference['first']): string {
  return found === undefined ? '  was not asked' : `${marks[found.outcome]} ${found.says}`;
}
