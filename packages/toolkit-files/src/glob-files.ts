import { tool } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import { glob } from './glob.ts';
import { statOf } from './opened.ts';
import type { Reach } from './place.ts';
import { find } from './root.ts';
import { count, named, shown } from './trouble.ts';
import { mostEntries, walk } from './walk.ts';

/** A longer page ends early, well before core would cut it. */
const pageCharacters = 40_000;

const input = z.object({
  pattern: z
    .string()
    .min(1)
    .max(500)
    .describe('"*.md", "src/**/*.{ts,js}"; without "/" it fits at any depth.'),
  path: z.string().default('.').describe('The folder to look in, relative to the root.'),
  limit: z.int().min(1).max(1_000).default(100).describe('How many files to tell at most.'),
});

/** The tool `glob`. */
export function globFiles(reach: Reach): Tool<unknown> {
  const { left } = reach;
  return tool({
    name: 'glob',
    description:
      'Finds files by a pattern for their path, those changed last first.' +
      (left === '' ? '' : ` Leaves out ${left}.`),
    inputSchema: input,
    effect: 'read',
    async execute({ pattern, path, limit }, { signal }) {
      const fits = glob(pattern);
      const from = await find(reach, path);
      const skip = from.path === '.' ? 0 : from.path.length + 1;
      const found: { readonly path: string; readonly changedMs: number }[] = [];
      let looked = 0;
      for await (const entry of walk(reach, from, { deep: true, signal })) {
        if (++looked > mostEntries) break;
        if (entry.kind !== 'file' || !fits(entry.path.slice(skip))) continue;
        const changedMs = await statOf(entry).then(
          ({ mtimeMs }) => mtimeMs,
          () => undefined, // it is gone by now
        );
        if (changedMs !== undefined) found.push({ path: entry.path, changedMs });
      }
      const newest = found.toSorted((a, b) => b.changedMs - a.changedMs).slice(0, limit);
      const lines: string[] = [];
      let room = pageCharacters;
      for (const { path } of newest) {
        const line = named(path);
        room -= line.length + 1;
        if (room < 0) break;
        lines.push(line);
      }
      return [heading(pattern, { found: found.length, told: lines.length, looked }), ...lines].join(
        '\n',
      );
    },
  });
}

function heading(
  pattern: string,
  {
    found,
    told,
    looked,
  }: { readonly found: number; readonly told: number; readonly looked: number },
): string {
  const stopped =
    looked > mostEntries
      ? ` The search stopped after ${count(mostEntries, 'entry', 'entries')}; ask for a folder further in.`
      : '';
  if (found === 0) return `No file fits ${shown(pattern)}.${stopped}`;
  const newest = told < found ? `, the newest ${told}; narrow the pattern for others` : '';
  return `${count(found, 'file')} for ${shown(pattern)}${newest}.${stopped}`;
}
