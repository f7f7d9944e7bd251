import { createParser } from 'eventsource-parser';

/** Splits a server-sent stream into events, whatever the pieces of text it comes in. */
export interface EventReader {
  feed(text: string): void;
  /** The stream is over: an event whose closing blank line is missing is told too. */
  end(): void;
}

/** Who reads the events. */
export interface EventListener {
  /** An event of more characters is too long. */
  readonly longest: number;
  /** The data of each event. */
  onData(data: string): void;
  onTooLong(): void;
}

/**
 * Tells the data of each event. Comments (`: PING`), other fields, CR, LF, CRLF and data of several lines are the
 * parser's to know.
 */
export function readEvents({ longest, onData, onTooLong }: EventListener): EventReader {
  const parser = createParser({
    onEvent: (event) => onData(event.data),
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') onTooLong();
    },
    maxBufferSize: longest,
  });
  return {
    feed: (text) => parser.feed(text),
    end: () => parser.feed('\n\n'),
  };
}
