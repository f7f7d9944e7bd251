import type { Lexer, Token, Tokens } from 'marked';
import type { TextCleaner } from './clean-text.ts';

let lexer: typeof Lexer | undefined;

/** Loads what reads Markdown. It must be awaited before a text comes: a screen that nothing was said on yet does not need it. */
export async function loadLexer(): Promise<void> {
  lexer ??= (await import('marked')).Lexer;
}

/** Blocks of Markdown: those that nothing can change any more, and the one at the end that grows. */
export interface MarkdownBlocks {
  readonly finished: readonly Token[];
  readonly open: readonly Token[];
}

/**
 * Markdown that comes in pieces. Each finished block is given once; only the text from the open block on is read again, so a long
 * answer costs no more at its end than at its beginning.
 */
export class MarkdownStream {
  readonly #cleaner: TextCleaner;
  #source = '';
  /** Half of something, until the rest comes. */
  #half = '';

  constructor(cleaner: TextCleaner) {
    this.#cleaner = cleaner;
  }

  push(delta: string): void {
    const text = this.#half + delta;
    const whole = text.length - this.#cleaner.held(text);
    this.#half = text.slice(whole);
    this.#source = this.#cleaner.clean(this.#source + text.slice(0, whole));
  }

  /** Takes what is finished, and shows what is open. */
  blocks(): MarkdownBlocks {
    const tokens = lex(this.#source);
    const last = tokens.findLastIndex(({ type }) => type !== 'space');
    const open = tokens.slice(Math.max(0, last));
    const finished = tokens.slice(0, Math.max(0, last));
    this.#source = this.#source.slice(lengthOf(finished));
    const list = open[0];
    if (list?.type !== 'list') return { finished, open };
    return this.#openList(finished, list as Tokens.List, open.slice(1));
  }

  /** Nothing more comes. */
  end(): readonly Token[] {
    this.#source = this.#cleaner.clean(this.#source + this.#half);
    this.#half = '';
    const tokens = lex(this.#source);
    this.#source = '';
    return tokens;
  }

  /** All items of a list but the last one are finished: the rest reads as a list by itself. */
  #openList(finished: readonly Token[], list: Tokens.List, rest: readonly Token[]): MarkdownBlocks {
    const items = list.items.slice(0, -1);
    const length = lengthOf(items);
    const last = list.items.at(-1);
    if (items.length === 0 || last === undefined) return { finished, open: [list, ...rest] };
    const start = typeof list.start === 'number' ? list.start + items.length : list.start;
    if (!list.raw.startsWith(items.map(({ raw }) => raw).join(''))) {
      return { finished, open: [list, ...rest] };
    }
    this.#source = this.#source.slice(length);
    const head: Tokens.List & { readonly goesOn: true } = { ...list, items, goesOn: true };
    return { finished: [...finished, head], open: [{ ...list, start, items: [last] }, ...rest] };
  }
}

function lex(source: string): Token[] {
  if (source === '') return [];
  if (lexer === undefined) throw new Error('A text came before loadLexer().');
  return [...new lexer({ gfm: true }).lex(source)];
}

function lengthOf(tokens: readonly { readonly raw: string }[]): number {
  return tokens.reduce((sum, { raw }) => sum + raw.length, 0);
}
