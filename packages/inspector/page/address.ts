/** The address of a session in the page. */
export function addressOf(id: string): string {
  return `#/s/${encodeURIComponent(id)}`;
}

/** The session that an address names; none where it is damaged. */
export function idIn(hash: string): string {
  try {
    return decodeURIComponent(/^#\/s\/(.+)$/.exec(hash)?.[1] ?? '');
  } catch {
    return '';
  }
}
