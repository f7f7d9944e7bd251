/** Characters before and after what was found. */
const around = 60;
/** Fields that hold a word of the format, which stands in every event of its kind: nobody looks for them. */
const ofTheForm = new Set(['type', 'role', 'runId', 'effect', 'outcome', 'finishReason', 'source']);

/** The first text inside a value that holds the words, which are in lower case; with a little of what stands around them. */
export function excerptOf(value: unknown, wanted: string): string | undefined {
  if (typeof value === 'string') {
    const at = value.toLowerCase().indexOf(wanted);
    if (at === -1) return undefined;
    const from = Math.max(0, at - around);
    const to = at + wanted.length + around;
    const text = value.slice(from, to).replace(/\s+/g, ' ');
    return `${from > 0 ? '…' : ''}${text}${to < value.length ? '…' : ''}`;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, one] of Object.entries(value)) {
    if (ofTheForm.has(name)) continue;
    const found = excerptOf(one, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
