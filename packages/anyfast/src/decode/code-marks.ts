/** A line is looked at this far: no fence is longer, and a line without end must not be kept. */
const longestLine = 200;
const opening = /^((?:[\s>]|[-*+]\s|\d{1,9}[.)]\s)*)(`{3,}|~{3,})(.*)$/s;
const closing = /^([\s>]*)(`{3,}|~{3,})\s*$/;

/** A fenced block that is open. */
interface Fence {
  readonly mark: string;
  readonly indent: number;
  readonly isQuoted: boolean;
}

/**
 * Whether the end of a Markdown text stands in code or in a quotation, followed while the text grows. In doubt it says
 * yes: then what stands there is left as it is written.
 */
export class CodeMarks {
  #fence: Fence | undefined;
  /** The backticks that opened a code span which is still open. */
  #span = 0;
  /** The backticks that the text ends with. */
  #run = 0;
  #line = '';
  #isLong = false;
  #isBlank = true;
  /** An HTML tag for code is open. */
  #tag = false;
  /** A token of a call has been found in a quotation: the rest of the paragraph belongs to it. */
  #isQuotation = false;
  #first = '';
  #last = '';

  push(text: string): void {
    for (let at = 0; at < text.length;) {
      const end = text.indexOf('\n', at);
      this.#grow(end === -1 ? text.slice(at) : text.slice(at, end));
      if (end === -1) break;
      this.#endLine();
      at = end + 1;
    }
    if (text !== '') this.#last = (this.#last + text.slice(-2)).slice(-2);
  }

  /** An HTML tag `<code` or `<pre`, or the end of one. It is also part of the text. */
  tag(token: string): void {
    this.#tag = !token.startsWith('</');
  }

  /** In a fenced block, in a code span, or between HTML tags for code. */
  get isCode(): boolean {
    if (this.#fence !== undefined || this.#tag) return true;
    return afterRun(this.#span, this.#run) > 0 || /^[\s>]*~{3,}/.test(this.#line);
  }

  /** In code, in an indented or quoted block, behind an opening quotation mark, or in a text that is JSON itself. */
  get isQuoted(): boolean {
    if (this.isCode || this.#isQuotation || /^(?: {4}|\t|\s*>)/.test(this.#line)) return true;
    return this.#first === '{' || opensQuotation(this.#last);
  }

  /** What begins here is quoted, and so are the tokens behind it. In code that is known anyway. */
  quote(): void {
    this.#isQuotation ||= !this.isCode;
  }

  /** Whether a word ends here, and no blank or quotation mark stands behind it. */
  get isGlued(): boolean {
    return /[^\s"'“‘«「『(]$/.test(this.#last);
  }

  #grow(text: string): void {
    if (text === '') return;
    const room = longestLine - this.#line.length;
    this.#line += text.slice(0, room);
    this.#isLong ||= text.length > room;
    if (this.#isBlank) {
      const first = /\S/.exec(text)?.[0];
      this.#isBlank = first === undefined;
      this.#first ||= first ?? '';
    }
    if (this.#fence !== undefined) return;
    for (let at = 0; at < text.length;) {
      const tick = text.indexOf('`', at);
      if (tick !== at) this.#endRun();
      if (tick === -1) break;
      this.#run++;
      at = tick + 1;
    }
  }

  #endRun(): void {
    this.#span = afterRun(this.#span, this.#run);
    this.#run = 0;
  }

  #endLine(): void {
    this.#endRun();
    if (this.#fence !== undefined) {
      if (!this.#isLong && closes(this.#line, this.#fence)) this.#fence = undefined;
    } else {
      this.#fence = fenceOf(this.#line);
      if (this.#isBlank) this.#isQuotation = false;
      // A code span ends with its paragraph, be it closed or not.
      if (this.#fence !== undefined || this.#isBlank) this.#span = 0;
    }
    this.#line = '';
    this.#isLong = false;
    this.#isBlank = true;
  }
}

/** Whether the text ends with an opening quotation mark. */
export function opensQuotation(text: string): boolean {
  return /[“‘«「『‹„]$|(?:^|[\s([{:,=])["']$/.test(text.slice(-2));
}

function afterRun(span: number, run: number): number {
  if (run === 0 || span === 0) return span || run;
  return span === run ? 0 : span;
}

function fenceOf(line: string): Fence | undefined {
  const [, before = '', mark = '', info = ''] = opening.exec(line) ?? [];
  if (mark === '' || (mark.startsWith('`') && info.includes('`'))) return undefined;
  return { mark, indent: before.length, isQuoted: before.includes('>') };
}

function closes(line: string, fence: Fence): boolean {
  const [, before = '', mark = ''] = closing.exec(line) ?? [];
  if (!mark.startsWith(fence.mark) || before.includes('>') !== fence.isQuoted) return false;
  return before.length <= fence.indent + 3;
}
