/** What may become an id at the start of a content is held back only so long. */
export const longestLead = 256;

/** Whether this may become `functions.name:0` of a known tool, or is still nothing. */
export function mayBeId(text: string, toolNames: readonly string[]): boolean {
  if (text === '' || 'functions.'.startsWith(text)) return true;
  const bare = text.startsWith('functions.') ? text.slice('functions.'.length) : text;
  return toolNames.some((name) => {
    const id = `${name}:`;
    return id.startsWith(bare) || (bare.startsWith(id) && /^\d*$/.test(bare.slice(id.length)));
  });
}

/** Whether this may become an id of any form, white space round it. */
export function mayBeAnyId(text: string): boolean {
  return text.length <= 400 && /^[^\s<>"'`{}]*$/.test(text.trim());
}

/** The id that a text ends with: of a known tool, however it is glued to the words before it, or else of any name. */
export function idAtEnd(said: string, toolNames: readonly string[]): string {
  const id = /[\w.-]+:\d+\s*$/.exec(said.slice(-longestLead))?.[0] ?? '';
  const known = toolNames.filter((name) => id.replace(/:\d+\s*$/, '').endsWith(name));
  const longest = known.toSorted((a, b) => b.length - a.length)[0];
  if (longest === undefined) return id;
  const at = id.lastIndexOf(longest);
  return id.slice(0, at).endsWith('functions.') ? `functions.${id.slice(at)}` : id.slice(at);
}
