import { writeFile } from 'node:fs/promises';
import { Agent, tool, ToolError } from '@throughline/core';
import type { Model } from '@throughline/core';
import * as z from 'zod';
import { barChart } from './chart.ts';
import type { Sales } from './sales.ts';

/** An agent that answers questions about sales by SQL, and draws its answer into the file `chart`. */
export function analyst(model: Model, sales: Sales, chart: string): Agent {
  const describe = tool({
    name: 'describe_table',
    description: 'Tells the columns of the table.',
    inputSchema: z.object({}),
    effect: 'read',
    execute: () => sales.describe(),
  });
  const query = tool({
    name: 'query',
    description: 'Asks the table by one SELECT of SQLite. At most 200 rows are shown.',
    inputSchema: z.object({ sql: z.string().max(5_000) }),
    effect: 'read',
    execute({ sql }) {
      try {
        const rows = sales.query(sql);
        return { count: rows.length, rows: rows.slice(0, 200) };
      } catch (error) {
        throw new ToolError(`SQLite says: ${(error as Error).message}`);
      }
    },
  });
  const draw = tool({
    name: 'draw_bar_chart',
    description: 'Draws a bar chart for the person to see.',
    inputSchema: z.object({
      title: z.string().min(1).max(80),
      bars: z
        .array(z.object({ label: z.string().max(20), value: z.number().nonnegative() }))
        .min(1)
        .max(40),
    }),
    effect: 'write',
    async execute({ title, bars }) {
      await writeFile(chart, barChart(title, bars));
      return `Drawn with ${bars.length} bars.`;
    },
  });
  return new Agent({
    name: 'analyst',
    model,
    instructions:
      'Answer questions about sales. Let SQL count; draw what you find; then say it in a sentence or two.',
    tools: [describe, query, draw],
  });
}
