/** What the model reads of a call of a tool that does not exist, with the name it may have meant. */
export function unknownTool(written: string, names: readonly string[]): string {
  const name = written.slice(0, 128); // a model that rambles can write a name of any length
  if (names.length === 0)
    return `This call did not run: there are no tools, so none is called "${name}".`;
  const nearest = names
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .toSorted((a, b) => a.distance - b.distance)[0];
  const hint =
    nearest !== undefined && nearest.distance <= Math.max(2, name.length / 3)
      ? ` Did you mean "${nearest.candidate}"?`
      : '';
  return `This call did not run: no tool is called "${name}".${hint} The tools are: ${names.join(', ')}.`;
}

/** How many letters must be put in, left out or changed to get from one word to the other. */
function editDistance(from: string, to: string): number {
  const [a, b] = [from.toLowerCase(), to.toLowerCase()];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
