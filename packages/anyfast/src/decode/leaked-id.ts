/** Whether this may become `functions.name:0` of a known tool, or is still nothing. */
export function mayBeId(text: string, toolNames: readonly string[]): boolean {
  if (text === '' || 'functions.'.startsWith(text)) return true;
  const bare = text.startsWith('functions.') ? text.slice('functions.'.length) : text;
  return toolNames.some((name) => {
    const id = `${name}:`;
    return id.startsWith(bare) || (bare.startsWith(id) && /^\d*$/.test(bare.slice(id.length)));
  });
}
