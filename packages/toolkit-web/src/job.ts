/** What is done in another process, because a page can be made to take for ever or all memory. Plain data both ways. */
export type Job = HtmlJob | PdfJob | RobotsJob;

export interface HtmlJob {
  readonly kind: 'html';
  readonly html: string;
  readonly url: string;
  /** The whole page, and not its main text. */
  readonly full: boolean;
}

export interface HtmlText {
  readonly title: string;
  readonly markdown: string;
  /** Whether `markdown` is the main text, without navigation and the like. */
  readonly isMain: boolean;
}

export interface PdfJob {
  readonly kind: 'pdf';
  readonly bytes: Uint8Array;
  /** Reading ends after the page with which so many characters are there. */
  readonly characters: number;
}

export interface PdfText {
  readonly title: string;
  readonly text: string;
  readonly pages: number;
  readonly pagesRead: number;
}

export interface RobotsJob {
  readonly kind: 'robots';
  readonly file: string;
  readonly text: string;
  readonly url: string;
  readonly userAgent: string;
}

export interface Verdict {
  readonly mayVisit: boolean;
}

export type ResultOf<J extends Job> = J extends HtmlJob
  ? HtmlText
  : J extends PdfJob
    ? PdfText
    : Verdict;

/** What that process says: that it is there, and how a job ended. `why` is for the model. */
export type Said =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly result: HtmlText | PdfText | Verdict }
  | { readonly type: 'failed'; readonly why: string };
