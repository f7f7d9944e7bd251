import { count } from './trouble.ts';

/** A longer diff is cut: it is for a look, and the file can be read. */
const mostLines = 120;
const mostCharacters = 10_000;

/** What has changed between two texts, as the hunks of a unified diff, with three lines around each. */
export async function changeBetween(before: string, after: string): Promise<string> {
  if (before === after) return 'Nothing is different: the file held this text already.';
  const { structuredPatch } = await import('diff');
  const patch = structuredPatch('', '', before, after, '', '', {
    context: 3,
    // Both bounds give up on texts that have nothing in common, which would take minutes.
    timeout: 500,
    maxEditLength: 5_000,
  });
  if (patch === undefined) return 'The change is too large to be shown.';
  const lines = patch.hunks.flatMap((hunk) => [
    `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
    ...hunk.lines.map((line) => (line.length > 500 ? `${line.slice(0, 500)}…` : line)),
  ]);
  const told: string[] = [];
  let room = mostCharacters;
  for (const line of lines.slice(0, mostLines)) {
    room -= line.length;
    if (room < 0) break;
    told.push(line);
  }
  const left = lines.length - told.length;
  if (left > 0) told.push(`… ${count(left, 'more line')} of the diff.`);
  return told.join('\n').replaceAll('\r', '');
}
