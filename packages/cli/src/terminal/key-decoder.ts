/* eslint-disable no-control-regex -- what it reads is made of them */

/** A key, a piece of typed text, or a paste. */
export interface Key {
  /** `text` and `paste` carry their text; all others are keys: `enter`, `escape`, `up`, `a` with `ctrl`, … */
  readonly name: string;
  readonly text: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

/**
 * Reads what a terminal sends in raw mode. A sequence may come in pieces; a lone Esc is one only once `flush` says that nothing more
 * came. Knows the sequences of xterm, of the kitty protocol, and bracketed paste. What it does not know is dropped.
 */
export class KeyDecoder {
  readonly #onKey: (key: Key) => void;
  #rest = '';
  /** The text of a paste whose end has not come. */
  #paste: string | undefined;

  constructor(onKey: (key: Key) => void) {
    this.#onKey = onKey;
  }

  /** Whether an Esc waits for what may belong to it. */
  get isWaiting(): boolean {
    return this.#rest !== '' && this.#paste === undefined;
  }

  write(chunk: string): void {
    this.#rest += chunk;
    while (this.#rest !== '' && this.#step());
  }

  /** Nothing more came: an Esc that waits was the key. */
  flush(): void {
    if (!this.isWaiting) return;
    const rest = this.#rest.slice(1);
    this.#rest = '';
    this.#emit('escape');
    if (rest !== '') this.write(rest);
  }

  /** Reads one key. False: it is not whole yet. */
  #step(): boolean {
    if (this.#paste !== undefined) return this.#readPaste(this.#paste);
    const text = this.#rest;
    if (text[0] === '\u001b') return this.#readEscape(text);
    const plain = /^[^\u0000-\u001f\u007f]+/.exec(text)?.[0];
    if (plain !== undefined) {
      this.#rest = text.slice(plain.length);
      this.#emit('text', { text: plain });
      return true;
    }
    this.#rest = text.slice(1);
    this.#control(text.charCodeAt(0), {});
    return true;
  }

  #readPaste(begun: string): boolean {
    const end = this.#rest.indexOf(pasteEnd);
    if (end < 0) {
      // The end itself may have come in part.
      const kept = Math.max(0, this.#rest.length - pasteEnd.length + 1);
      this.#paste = begun + this.#rest.slice(0, kept);
      this.#rest = this.#rest.slice(kept);
      return false;
    }
    const text = begun + this.#rest.slice(0, end);
    this.#paste = undefined;
    this.#rest = this.#rest.slice(end + pasteEnd.length);
    this.#emit('paste', { text: text.replace(/\r\n?/g, '\n') });
    return true;
  }

  #readEscape(text: string): boolean {
    const sequence = /^\u001b(?:\[([\d;:<=>?]*)[ -/]*([@-~])|O([A-Za-z]))/.exec(text);
    if (sequence !== null) {
      this.#rest = text.slice(sequence[0].length);
      const [, parameters = '', end = sequence[3] ?? ''] = sequence;
      this.#sequence(parameters, end);
      return true;
    }
    // An answer of the terminal to nobody's question.
    const answer = /^\u001b[\]P_^X][^\u0007\u001b]*(?:\u0007|\u001b\\)/.exec(text);
    if (answer !== null) {
      this.#rest = text.slice(answer[0].length);
      return true;
    }
    if (/^\u001b(?:$|[[O\]P_^X][^\u001b]{0,200}$)/.test(text)) return false;
    if (text[1] === '\u001b') {
      this.#rest = text.slice(1);
      this.#emit('escape');
      return true;
    }
    const [character = ''] = text.slice(1);
    this.#rest = text.slice(1 + character.length);
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) this.#control(code, { alt: true });
    else this.#emit(character.toLowerCase(), { alt: true });
    return true;
  }

  #sequence(parameters: string, end: string): void {
    const [first = 0, second = 1, third = 0] = parameters
      .split(';')
      .map((part) => Number.parseInt(part, 10) || 0);
    if (end === '~' && first === 200) {
      this.#paste = '';
      return;
    }
    const held = (second || 1) - 1;
    const modifiers = { shift: (held & 1) > 0, alt: (held & 2) > 0, ctrl: (held & 4) > 0 };
    if (end === 'u') return this.#control(first, modifiers);
    if (end === '~' && first === 27) return this.#control(third, modifiers);
    const name = end === '~' ? tildeKeys[first] : letterKeys[end];
    if (end === 'Z') return this.#emit('tab', { shift: true });
    if (name !== undefined) this.#emit(name, modifiers);
  }

  /** A key by its code: a control character, or any character of the kitty protocol. */
  #control(code: number, modifiers: Partial<Key>): void {
    const name = codeKeys[code];
    if (name !== undefined) return this.#emit(name, modifiers);
    if (code < 0x20) {
      return this.#emit(String.fromCodePoint(code + 0x60), { ...modifiers, ctrl: true });
    }
    if (code > 0x10_ff_ff || (code >= 0xe0_00 && code <= 0xf8_ff)) return; // keys of their own: CapsLock and its kind
    const text = String.fromCodePoint(code);
    if (modifiers.ctrl || modifiers.alt) return this.#emit(text.toLowerCase(), modifiers);
    this.#emit('text', { text: modifiers.shift ? text.toUpperCase() : text });
  }

  #emit(name: string, about: Partial<Key> = {}): void {
    this.#onKey({ name, text: '', ctrl: false, alt: false, shift: false, ...about });
  }
}

const pasteEnd = '\u001b[201~';

const codeKeys: Readonly<Record<number, string>> = {
  8: 'backspace',
  9: 'tab',
  13: 'enter',
  27: 'escape',
  127: 'backspace',
};

const letterKeys: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  M: 'enter',
};

const tildeKeys: Readonly<Record<number, string>> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  7: 'home',
  8: 'end',
};
