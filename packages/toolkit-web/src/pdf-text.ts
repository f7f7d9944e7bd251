import type { PdfJob, PdfText } from './job.ts';
import { Unreadable } from './unreadable.ts';

/** The text of a PDF, page by page, as far as it is asked for. Runs in a process of its own. Needs the package `unpdf`. */
export async function pdfText({ bytes, characters }: PdfJob): Promise<PdfText> {
  const { getDocumentProxy } = await import('unpdf').catch((cause: unknown) => {
    throw new Unreadable('it is a PDF, and the host has not installed the package "unpdf"', {
      cause,
    });
  });
  const pdf = await getDocumentProxy(bytes, { isEvalSupported: false, verbosity: 0 }).catch(
    (cause: unknown) => {
      const isLocked = cause instanceof Error && cause.name === 'PasswordException';
      throw new Unreadable(isLocked ? 'it needs a password' : 'it is not a whole PDF', { cause });
    },
  );
  const info = (await pdf.getMetadata().catch(() => undefined))?.info as { Title?: unknown };
  const title = typeof info?.Title === 'string' ? info.Title : '';
  let text = '';
  let pagesRead = 0;
  while (pagesRead < pdf.numPages && text.length < characters) {
    pagesRead++;
    const page = await pdf.getPage(pagesRead);
    const { items } = await page.getTextContent();
    const words = items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : ''));
    text += `${pagesRead === 1 ? '' : '\n\n'}[page ${pagesRead}]\n${words.join('').trim()}`;
    page.cleanup();
  }
  await pdf.loadingTask.destroy();
  return { title, text, pages: pdf.numPages, pagesRead };
}
