import { graphemes, widthOf } from './graphemes.ts';
import type { Key } from './key-decoder.ts';
import { visibleText } from './visible-text.ts';

/** Pastes of more lines are shown as a word that stands for them. */
const mostPastedLines = 15;

/** What a person types: text of several lines with a cursor, and what was typed before. It draws nothing. */
export class LineEditor {
  #text = '';
  /** In UTF-16 units, always between two characters. */
  #cursor = 0;
  readonly #history: string[];
  #at: number;
  #draft = '';
  readonly #pastes = new Map<string, string>();

  constructor(history: readonly string[] = []) {
    this.#history = [...history];
    this.#at = this.#history.length;
  }

  /** What was typed, with whole pastes. */
  get value(): string {
    let text = this.#text;
    for (const [word, pasted] of this.#pastes) text = text.replace(word, () => pasted);
    return text;
  }

  get isEmpty(): boolean {
    return this.#text === '';
  }

  /** What is shown, and the cursor's place in it: the line, and the column within that line before it is wrapped. */
  get view(): { readonly lines: readonly string[]; readonly row: number; readonly before: string } {
    const before = this.#text.slice(0, this.#cursor).split('\n');
    return { lines: this.#text.split('\n'), row: before.length - 1, before: before.at(-1) ?? '' };
  }

  /** Empties it, and remembers what stood there. Returns it, with whole pastes. */
  take(): string {
    const { value } = this;
    if (value.trim() !== '' && this.#history.at(-1) !== value) this.#history.push(value);
    this.clear();
    return value;
  }

  clear(): void {
    this.#text = '';
    this.#cursor = 0;
    this.#at = this.#history.length;
    this.#pastes.clear();
  }

  /** Edits by a key. False where the key is none for an editor. */
  handle(key: Key): boolean {
    if (key.name === 'text') return this.#insert(visibleText(key.text));
    if (key.name === 'paste') return this.#insertPaste(visibleText(key.text));
    const edit = editOf(key);
    if (edit === undefined) return false;
    edits[edit](this);
    return true;
  }

  #insert(text: string): boolean {
    this.#text = this.#text.slice(0, this.#cursor) + text + this.#text.slice(this.#cursor);
    this.#cursor += text.length;
    return true;
  }

  #insertPaste(text: string): boolean {
    const lines = text.split('\n').length;
    if (lines <= mostPastedLines) return this.#insert(text);
    const word = `[paste ${this.#pastes.size + 1}: ${lines} lines]`;
    this.#pastes.set(word, text);
    return this.#insert(word);
  }

  /** Enter behind a backslash is a new line instead. */
  continueLine(): boolean {
    if (this.#text[this.#cursor - 1] !== '\\') return false;
    this.remove(-1, 'character');
    return this.newLine();
  }

  newLine(): boolean {
    return this.#insert('\n');
  }

  move(by: -1 | 1, unit: Unit): void {
    this.#cursor = this.#place(by, unit);
  }

  remove(by: -1 | 1, unit: Unit): void {
    const place = this.#place(by, unit);
    const [from, to] = by < 0 ? [place, this.#cursor] : [this.#cursor, place];
    this.#text = this.#text.slice(0, from) + this.#text.slice(to);
    this.#cursor = from;
  }

  /** A line up or down; at the first or last line, through what was typed before. */
  vertical(by: -1 | 1): void {
    const { lines, row, before } = this.view;
    const target = lines[row + by];
    if (target === undefined) return this.#recall(by);
    const start = lines.slice(0, row + by).reduce((sum, line) => sum + line.length + 1, 0);
    const wanted = widthOf(before);
    let column = 0;
    let length = 0;
    for (const character of graphemes(target)) {
      if (column + widthOf(character) > wanted) break;
      column += widthOf(character);
      length += character.length;
    }
    this.#cursor = start + length;
  }

  #recall(by: -1 | 1): void {
    const at = this.#at + by;
    if (at < 0 || at > this.#history.length) return;
    if (this.#at === this.#history.length) this.#draft = this.#text;
    this.#at = at;
    this.#text = this.#history[at] ?? this.#draft;
    this.#cursor = this.#text.length;
  }

  #place(by: -1 | 1, unit: Unit): number {
    const before = this.#text.slice(0, this.#cursor);
    const after = this.#text.slice(this.#cursor);
    if (unit === 'line') {
      if (by < 0) return before.lastIndexOf('\n') + 1;
      const end = after.indexOf('\n');
      return end < 0 ? this.#text.length : this.#cursor + end;
    }
    if (unit === 'word') {
      const word = by < 0 ? /\S*\s*$/.exec(before)?.[0] : /^\s*\S*/.exec(after)?.[0];
      return this.#cursor + by * (word?.length ?? 0);
    }
    const character = by < 0 ? graphemes(before).at(-1) : graphemes(after)[0];
    return this.#cursor + by * (character?.length ?? 0);
  }
}

type Unit = 'character' | 'word' | 'line';

const edits = {
  left: (editor: LineEditor) => editor.move(-1, 'character'),
  right: (editor: LineEditor) => editor.move(1, 'character'),
  wordLeft: (editor: LineEditor) => editor.move(-1, 'word'),
  wordRight: (editor: LineEditor) => editor.move(1, 'word'),
  start: (editor: LineEditor) => editor.move(-1, 'line'),
  end: (editor: LineEditor) => editor.move(1, 'line'),
  up: (editor: LineEditor) => editor.vertical(-1),
  down: (editor: LineEditor) => editor.vertical(1),
  erase: (editor: LineEditor) => editor.remove(-1, 'character'),
  eraseWord: (editor: LineEditor) => editor.remove(-1, 'word'),
  eraseToStart: (editor: LineEditor) => editor.remove(-1, 'line'),
  eraseToEnd: (editor: LineEditor) => editor.remove(1, 'line'),
  eraseNext: (editor: LineEditor) => editor.remove(1, 'character'),
  newLine: (editor: LineEditor) => void editor.newLine(),
} as const;

const withCtrl: Readonly<Record<string, keyof typeof edits>> = {
  a: 'start',
  b: 'left',
  d: 'eraseNext',
  e: 'end',
  f: 'right',
  h: 'erase',
  j: 'newLine',
  k: 'eraseToEnd',
  n: 'down',
  p: 'up',
  u: 'eraseToStart',
  w: 'eraseWord',
  left: 'wordLeft',
  right: 'wordRight',
  backspace: 'eraseWord',
};

const withAlt: Readonly<Record<string, keyof typeof edits>> = {
  b: 'wordLeft',
  f: 'wordRight',
  left: 'wordLeft',
  right: 'wordRight',
  backspace: 'eraseWord',
  enter: 'newLine',
};

const alone: Readonly<Record<string, keyof typeof edits>> = {
  left: 'left',
  right: 'right',
  up: 'up',
  down: 'down',
  home: 'start',
  end: 'end',
  backspace: 'erase',
  delete: 'eraseNext',
};

function editOf({ name, ctrl, alt, shift }: Key): keyof typeof edits | undefined {
  if (name === 'enter' && (shift || ctrl)) return 'newLine';
  if (ctrl) return withCtrl[name];
  return alt ? withAlt[name] : alone[name];
}
