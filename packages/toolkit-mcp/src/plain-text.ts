/** Letters nobody sees: control, bidirectional marks, zero width, tags. Text can be hidden in them from those who review it. */
const unseen = /(?![\n\r\t\u200d])[\p{Cc}\p{Cf}]/gu;

/** A text of the server's as a person would see it, and no longer than `most` letters. */
export function plainText(text: string, most: number): string {
  const seen = text.slice(0, most * 2).replace(unseen, '');
  return seen.length > most ? `${seen.slice(0, most)}…` : seen;
}
