import { ToolError } from '@throughline/core';
import { charsetIn, decode } from './charset.ts';
import { kindOf } from './media-type.ts';
import type { Reader } from './reader.ts';
import { shown } from './words.ts';

/** A body as it came. */
export interface Body {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
  readonly url: string;
  /** How it is called in a sentence. */
  readonly name: string;
  readonly full: boolean;
  /** How many characters of a PDF are needed. */
  readonly until: number;
}

/** What a page says. */
export interface PageText {
  /** What it is, in words: `HTML page, its main text as Markdown`. */
  readonly kind: string;
  readonly title: string;
  readonly text: string;
  /** Whether `text` is all there is. */
  readonly isWhole: boolean;
}

/** Makes text of a body. Throws a `ToolError` where that cannot be done. */
export async function textOf(body: Body, reader: Reader, signal: AbortSignal): Promise<PageText> {
  const kind = kindOf(body.bytes, body.contentType);
  switch (kind) {
    case 'html':
      return htmlOf(body, reader, signal);
    case 'pdf':
      return pdfOf(body, reader, signal);
    case 'json':
    case 'text':
      return {
        kind: kind === 'json' ? 'JSON' : 'text',
        title: '',
        text: decoded(body, false),
        isWhole: true,
      };
    case 'binary':
      throw new ToolError(`${body.name} is no text: only HTML, JSON, text and PDF can be read.`);
  }
}

async function htmlOf(body: Body, reader: Reader, signal: AbortSignal): Promise<PageText> {
  const { url, full } = body;
  const html = decoded(body, true);
  const page = await named(body, reader.read({ kind: 'html', html, url, full }, signal));
  const part = page.isMain ? 'its main text as Markdown (full: true tells all)' : 'as Markdown';
  return { kind: `HTML page, ${part}`, title: page.title, text: page.markdown, isWhole: true };
}

async function pdfOf(body: Body, reader: Reader, signal: AbortSignal): Promise<PageText> {
  const bytes = Uint8Array.from(body.bytes);
  const pdf = await named(
    body,
    reader.read({ kind: 'pdf', bytes, characters: body.until }, signal),
  );
  return {
    kind: `PDF of ${pdf.pages.toLocaleString('en-US')} ${pdf.pages === 1 ? 'page' : 'pages'}`,
    title: pdf.title,
    text: pdf.text,
    isWhole: pdf.pagesRead === pdf.pages,
  };
}

function decoded({ bytes, contentType, name }: Body, isHtml: boolean): string {
  const result = decode(bytes, charsetIn(contentType), isHtml);
  if ('text' in result) return result.text;
  throw new ToolError(`${name} is in the encoding ${shown(result.refused)}, which is not read.`);
}

/** The reader's words, which do not know what is read, behind the URL. */
async function named<T>({ name }: Body, reading: Promise<T>): Promise<T> {
  return reading.catch((error: unknown) => {
    if (!(error instanceof ToolError)) throw error;
    const why = error.message.replace(/^It cannot/, 'cannot');
    throw new ToolError(`${name} ${why}`, { cause: error });
  });
}
