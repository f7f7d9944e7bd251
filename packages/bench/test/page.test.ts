import { describe, expect, it } from 'vitest';
import { entries } from '../src/contender.ts';
import { foldAll } from '../src/fold.ts';
import { lengths } from '../src/measure.ts';
import { pageOf } from '../src/page.ts';
import { plotsOf } from '../src/plot.ts';
import { runnerNamed, taken } from './sample.ts';

const field = entries.map(({ name }) => runnerNamed(name));
const growth = Object.fromEntries(lengths.map((steps) => [`growth.cpuMs${steps}`, steps ** 0.3]));
const rows = foldAll(
  field.flatMap((runner, at) => [
    ...taken(runner, 'step', [
      { 'step.cpuMs': 1 + at, 'step.wallMs': 1 + at, 'step.reasoning': 49 },
    ]),
    ...taken(runner, 'growth', [{ ...growth, 'growth.exponent': 0.3 }]),
  ]),
  field,
);

describe('plots', () => {
  const plots = plotsOf(rows);

  it('are of a step, of the growth and of everything', () => {
    expect(plots.map(({ file }) => file)).toEqual(['step.svg', 'growth.svg', 'ratio.svg']);
  });

  it.each(entries.map(({ name }) => name))('name %s', (name) => {
    for (const { svg } of plots) expect(svg).toContain(`>${name}<`);
  });

  it('stand on white, with units at their axes', () => {
    for (const { svg } of plots) expect(svg).toMatch(/<rect [^>]*fill="#ffffff"/);
    expect(plots[0]!.svg).toContain('CPU per step in ms');
    expect(plots[1]!.svg).toContain('steps in the run');
    expect(plots[2]!.svg).toContain('times by hand');
  });

  it('are left out where nothing was measured for them', () => {
    expect(plotsOf([])).toEqual([]);
    const only = rows.filter(({ figure }) => figure.measure === 'growth');
    expect(plotsOf(only).map(({ file }) => file)).toEqual(['growth.svg', 'ratio.svg']);
  });
});

describe('the page', () => {
  const findings = { rows, installed: [], bundles: [] };

  it('says that there were no peers', () => {
    const ours = field.filter(({ entry }) => !entry.peer);
    const own = rows.filter(({ runner }) => !runner.entry.peer);
    const page = pageOf({ ...findings, rows: own }, { field: ours, rounds: 1 }, []);
    expect(page).toContain('The peers were not part of this run');
    expect(page).toContain('in 1 round.');
  });

  it('says first what is not met', () => {
    const page = pageOf(findings, { field, rounds: 3 }, [{ file: 'step.svg', title: 'A step' }]);
    expect(page).toMatch(
      /In short\n\n\*\*Not met\*\*, 1 of 3:\n\n- step, CPU per step: 2 times by hand/,
    );
    expect(page).toContain('![A step](benchmarks/step.svg)');
    expect(page).not.toContain('The peers were not part');
  });
});
