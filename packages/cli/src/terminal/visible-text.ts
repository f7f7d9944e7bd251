/**
 * What a model, a tool or a file says, as text that a terminal only shows: the one place that every foreign text passes before
 * it is printed. Control characters become pictures of themselves (`␛`), characters that turn the direction or hide become
 * `�`, and every kind of line end becomes a line feed. Tabs and line feeds stay.
 */
export function visibleText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(controls, (character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code < 0x20) return String.fromCodePoint(0x24_00 + code);
      return code === 0x7f ? '␡' : '�';
    })
    .replace(/\p{Cs}/gu, '�');
}

/** The same on one line: line breaks are shown as `⏎`, runs of blanks as one. */
export function visibleLine(text: string): string {
  return visibleText(text.trim())
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n\s*/g, ' ⏎ ');
}

/** JSON text that holds nothing a terminal acts on. It stands for the same value. */
export function visibleJson(json: string): string {
  return json.replace(controls, (character) => {
    const units = [...Array(character.length).keys()].map((at) => character.charCodeAt(at));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}

// C0 but tab and line feed, DEL, C1; bidi controls; letters that take no room; the plane of tags.
const controls =
  // eslint-disable-next-line no-control-regex -- these are what it is made to find
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u{e0000}-\u{e0fff}]/gu;
