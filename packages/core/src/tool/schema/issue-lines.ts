import type { Issue } from './schema.ts';

/** One line for each issue, at most twenty. */
export function issueLines(issues: readonly Issue[]): string {
  const lines = issues
    .slice(0, 20)
    .map(({ path, message }) => `- ${path === '' ? 'the whole value' : path}: ${message}`)
    .map((line) => (line.length > 1_000 ? `${line.slice(0, 1_000)}…` : line));
  if (issues.length > 20) lines.push(`- and ${issues.length - 20} more`);
  return lines.join('\n');
}
