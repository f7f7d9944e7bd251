import { init } from 'echarts';
import type { EChartsOption } from 'echarts';
import type { Runner } from './field.ts';
import type { Row } from './fold.ts';
import { lengths } from './measure.ts';

/** A plot as a file. */
export interface Plot {
  readonly file: string;
  /** What is to be seen, for those who do not see it. */
  readonly title: string;
  readonly svg: string;
}

/** What of the rows can be plotted. With peers only what ran on their Node, so that one plot compares like with like. */
export function plotsOf(rows: readonly Row[]): readonly Plot[] {
  const { node } = rows.find(({ runner }) => runner.entry.peer)?.runner ?? rows[0]?.runner ?? {};
  const own = rows.filter(({ runner }) => runner.node === node);
  return [stepPlot(own), growthPlot(own), ratioPlot(own)].filter((plot) => plot !== undefined);
}

// Dark enough for a white ground, and apart for those who see few colours (after Okabe and Ito).
const colours = ['#555555', '#d55e00', '#0072b2', '#009e73', '#cc79a7', '#b8860b', '#56b4e9'];
const ink = '#222222';

function stepPlot(rows: readonly Row[]): Plot | undefined {
  const bars = rows.flatMap(({ figure, runner, outcome }) =>
    figure.key === 'step.cpuMs' && outcome.kind === 'measured'
      ? [{ name: runner.entry.name, value: round(outcome.median), runner }]
      : [],
  );
  if (bars.length === 0) return undefined;
  const title = 'CPU per step of a run of 50 steps';
  const svg = draw(title, 120 + 36 * bars.length, {
    grid: { left: 130, right: 70, top: 50, bottom: 50 },
    xAxis: valueAxis('CPU per step in ms (less is better)'),
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map(({ name }) => name),
      axisLabel: { color: ink },
    },
    series: [
      {
        type: 'bar',
        barMaxWidth: 20,
        label: { show: true, position: 'right', color: ink },
        data: bars.map(({ name, value, runner }) => ({
          name,
          value,
          itemStyle: { color: colourOf(runner, rows) },
        })),
      },
    ],
  });
  return { file: 'step.svg', title, svg };
}

function growthPlot(rows: readonly Row[]): Plot | undefined {
  const keys = lengths.map((steps) => `growth.cpuMs${steps}`);
  const series = runnersOf(rows).map((runner) => {
    const data = rows.flatMap(({ figure, runner: whose, outcome }) => {
      const steps = lengths[keys.indexOf(figure.key)];
      const fits = whose === runner && steps !== undefined && outcome.kind === 'measured';
      return fits ? [[steps, round(outcome.median)]] : [];
    });
    const color = colourOf(runner, rows);
    const name = runner.entry.name;
    return { type: 'line' as const, name, data, color, symbol: 'circle', symbolSize: 7 };
  });
  const drawn = series.filter(({ data }) => data.length > 0);
  if (drawn.length === 0) return undefined;
  const title = 'CPU per step as a run grows';
  const values = drawn.flatMap(({ data }) => data.map(([, ms = 1]) => ms));
  const svg = draw(title, 420, {
    ...legendOf(drawn.map(({ name }) => name)),
    xAxis: { ...valueAxis('steps in the run'), type: 'log', logBase: 2, min: 16, max: 512 },
    yAxis: {
      ...valueAxis('CPU per step in ms', 45),
      type: 'log',
      logBase: 2,
      min: 2 ** Math.floor(Math.log2(Math.min(...values))),
      max: 2 ** Math.ceil(Math.log2(Math.max(...values))),
    },
    series: drawn,
  });
  return { file: 'growth.svg', title, svg };
}

const overview: Readonly<Record<string, string>> = {
  'step.cpuMs': 'CPU per step',
  'stream.perCpuSecond': 'streaming, unheard',
  'shown.perCpuSecond': 'streaming, heard',
  'growth.cpuMs400': 'CPU per step of 400',
  'gap.ms': 'gap before a request',
  'parallel.cpuMs': 'CPU of parallel calls',
  'crowd.wallMs': 'time of 500 agents',
  'crowd.cpuMs': 'CPU of 500 agents',
  'crowd.peakMB': 'memory of 500 agents',
};

function ratioPlot(rows: readonly Row[]): Plot | undefined {
  const told = rows.flatMap(({ figure, runner, outcome }) => {
    const label = overview[figure.key];
    const ratio = outcome.kind === 'measured' ? outcome.ratio : undefined;
    return label === undefined || ratio === undefined ? [] : [{ label, ratio, runner }];
  });
  if (told.length === 0) return undefined;
  const labels = [...new Set(told.map(({ label }) => label))];
  const series = runnersOf(rows).map((runner) => ({
    type: 'scatter' as const,
    name: runner.entry.name,
    symbolSize: 12,
    color: colourOf(runner, rows),
    data: told
      .filter((one) => one.runner === runner)
      .map(({ label, ratio }) => [round(ratio), label]),
  }));
  const drawn = series.filter(({ data }) => data.length > 0);
  const ratios = told.map(({ ratio }) => ratio);
  const title = 'Everything, compared with a loop written by hand';
  const svg = draw(title, 140 + 36 * labels.length, {
    ...legendOf(drawn.map(({ name }) => name)),
    grid: { left: 160, right: 40, top: 80, bottom: 50 },
    xAxis: {
      ...valueAxis('times by hand (less is better)'),
      type: 'log',
      logBase: 2,
      min: 2 ** Math.floor(Math.log2(Math.min(0.5, ...ratios))),
      max: 2 ** Math.ceil(Math.log2(Math.max(2, ...ratios))),
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: labels,
      axisLabel: { color: ink },
      splitLine: { show: true },
    },
    series: drawn,
  });
  return { file: 'ratio.svg', title, svg };
}

function draw(title: string, height: number, option: EChartsOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 760, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { color: ink, fontFamily: 'system-ui, sans-serif' },
    title: { text: title, left: 'center', top: 8, textStyle: { color: ink, fontSize: 16 } },
    grid: { left: 80, right: 40, top: 80, bottom: 60 },
    ...option,
  });
  const svg = chart.renderToSVGString();
  // Without this its timers would keep the process.
  chart.dispose();
  return svg;
}

function valueAxis(name: string, nameGap = 30) {
  return {
    type: 'value' as const,
    name,
    nameLocation: 'middle' as const,
    nameGap,
    nameTextStyle: { color: ink },
    axisLabel: { color: ink },
  };
}

function legendOf(names: readonly string[]): EChartsOption {
  return { legend: { top: 40, itemGap: 24, data: [...names], textStyle: { color: ink } } };
}

function runnersOf(rows: readonly Row[]): readonly Runner[] {
  return [...new Set(rows.map(({ runner }) => runner))];
}

function colourOf(runner: Runner, rows: readonly Row[]): string {
  const lasting = runnersOf(rows).filter(({ only }) => only === undefined);
  return colours[lasting.indexOf(runner) % colours.length] ?? ink;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
