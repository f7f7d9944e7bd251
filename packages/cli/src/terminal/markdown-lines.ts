import type { Token, Tokens } from 'marked';
import { diffStyles } from './diff-lines.ts';
import { lineWidth, span, wrap } from './line.ts';
import type { Line, Span } from './line.ts';
import type { Style } from './style.ts';

/** Blocks of Markdown as lines of at most `width` columns, an empty one behind each block. */
export function markdownLines(tokens: readonly Token[], width: number): Line[] {
  // What is nested deeper than the screen is wide keeps some room for text, and is wrapped once more.
  return blocksLines(tokens, width).flatMap((line) => wrap(line, width));
}

function blocksLines(tokens: readonly Token[], width: number): Line[] {
  return tokens.flatMap((token) => {
    const lines = blockLines(token, width);
    if (lines.length === 0) return [];
    return 'goesOn' in token ? lines : [...lines, []];
  });
}

function blockLines(token: Token, width: number): Line[] {
  switch (token.type) {
    case 'space':
    case 'def':
      return [];
    case 'heading': {
      const { depth, tokens } = token as Tokens.Heading;
      return flow(inline(tokens, depth === 1 ? ['bold', 'underline'] : ['bold']), width);
    }
    case 'code':
      return codeLines(token as Tokens.Code, width);
    case 'blockquote':
      return indented(
        blocksLines((token as Tokens.Blockquote).tokens, Math.max(4, width - 2)),
        '│ ',
      );
    case 'list':
      return listLines(token as Tokens.List, width);
    case 'hr':
      return [[span('─'.repeat(Math.min(width, 40)), 'dim')]];
    case 'table':
      return tableLines(token as Tokens.Table, width);
    default:
      return flow(inlineOf(token, []), width);
  }
}

function indented(lines: Line[], mark: string): Line[] {
  const last = lines.at(-1)?.length === 0 ? lines.slice(0, -1) : lines;
  return last.map((line) => [span(mark, 'dim'), ...line]);
}

function codeLines({ text, lang = '' }: Tokens.Code, width: number): Line[] {
  const isDiff = /^(?:diff|patch)\b/.test(lang);
  return text.split('\n').flatMap((line) => {
    const styles: readonly Style[] = isDiff ? diffStyles(line) : ['cyan'];
    return wrap([span('  '), span(line, ...styles)], width, [span('  ')]);
  });
}

function listLines({ items, ordered, start }: Tokens.List, width: number): Line[] {
  return items.flatMap((item, at) => {
    const task = item.task ? (item.checked ? '☑ ' : '☐ ') : '';
    const mark = task || (ordered ? `${Number(start || 1) + at}. ` : '• ');
    const room = Math.max(4, width - mark.length);
    const inner = item.tokens.filter(({ type }) => type !== 'checkbox');
    const lines = inner.flatMap((token) => blockLines(token, room));
    return (lines.length === 0 ? [[]] : lines).map((line, row) => [
      span(row === 0 ? mark : ' '.repeat(mark.length), 'dim'),
      ...line,
    ]);
  });
}

/** Columns where they fit, else each row as lines of `head: cell`. */
function tableLines({ header, rows }: Tokens.Table, width: number): Line[] {
  const cells = [header, ...rows].map((row) => row.map(({ tokens }) => inline(tokens, [])));
  const widths = header.map((_, at) => Math.max(...cells.map((row) => lineWidth(row[at] ?? []))));
  const whole = widths.reduce((sum, one) => sum + one + 3, -3);
  const [head = [], ...body] = cells;
  if (whole > width) {
    return body.flatMap((row) =>
      row.flatMap((cell, at) => flow([...bold(head[at] ?? []), span(': '), ...cell], width)),
    );
  }
  const line = (row: readonly Line[]): Line =>
    row.flatMap((cell, at) => {
      const blank = ' '.repeat((widths[at] ?? 0) - lineWidth(cell));
      return [...(at > 0 ? [span(' │ ', 'dim')] : []), ...cell, span(blank)];
    });
  const rule = widths.map((one) => '─'.repeat(one)).join('─┼─');
  return [line(head.map(bold)), [span(rule, 'dim')], ...body.map(line)];
}

function bold(line: Line): Line {
  return line.map(({ text, styles }) => span(text, 'bold', ...styles));
}

/** Lines of running text: broken where it says so, wrapped where it must. */
function flow(spans: Line, width: number): Line[] {
  const lines: Span[][] = [[]];
  for (const { text, styles } of spans) {
    for (const [at, piece] of text.split('\n').entries()) {
      if (at > 0) lines.push([]);
      if (piece !== '') lines.at(-1)?.push(span(piece, ...styles));
    }
  }
  return lines.flatMap((line) => wrap(line, width));
}

function inline(tokens: readonly Token[] | undefined, styles: readonly Style[]): Line {
  return (tokens ?? []).flatMap((token) => inlineOf(token, styles));
}

function inlineOf(token: Token, styles: readonly Style[]): Line {
  const within = (...more: readonly Style[]) =>
    inline((token as Tokens.Strong).tokens, [...styles, ...more]);
  switch (token.type) {
    case 'strong':
      return within('bold');
    case 'em':
      return within('italic');
    case 'del':
      return within('strike');
    case 'codespan':
      return [rawSpan(token as Tokens.Codespan, [...styles, 'cyan'])];
    case 'br':
      return [{ text: '\n', styles }];
    case 'link': {
      const { href, text } = token as Tokens.Link;
      const label = within('underline');
      return text === href || href === `mailto:${text}`
        ? label
        : [...label, span(` (${href})`, ...styles, 'dim')];
    }
    case 'image':
      return [span(`[${(token as Tokens.Image).text}]`, ...styles, 'dim')];
    default: {
      const { tokens } = token as Tokens.Text;
      return tokens === undefined ? [rawSpan(token as Tokens.Text, styles)] : within();
    }
  }
}

function rawSpan({ text, raw }: { text?: string; raw: string }, styles: readonly Style[]): Span {
  return span(text ?? raw, ...styles);
}
