import { readFile } from 'node:fs/promises';
import { tool } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';

/** `find_ferries`, over a timetable with the columns from, to, leaves and arrives. */
export function ferries(timetable: string): Tool<unknown> {
  const place = z.string().min(1).max(50);
  return tool({
    name: 'find_ferries',
    description: 'Finds the ferries of a day from one place to another, in order.',
    inputSchema: z.object({
      from: place,
      to: place,
      after: z
        .string()
        .regex(/^\d\d:\d\d$/)
        .default('00:00')
        .describe('The earliest time, HH:MM.'),
    }),
    effect: 'read',
    async execute({ from, to, after }, { signal }) {
      const text = await readFile(timetable, { encoding: 'utf8', signal });
      const rows = text.trim().split('\n').slice(1);
      const found = rows
        .map((row) => row.split(','))
        .filter(([start, end, leaves = '']) => start === from && end === to && leaves >= after)
        .map(([, , leaves, arrives]) => `leaves ${leaves}, arrives ${arrives}`);
      const count = found.length === 1 ? '1 ferry' : `${found.length} ferries`;
      return [`${count} from ${from} to ${to} after ${after}.`, ...found].join('\n');
    },
  });
}
