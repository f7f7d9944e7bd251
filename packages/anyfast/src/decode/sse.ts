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
  /** The data of each event, and its type where it has one. */
  onData(data: string, type: string | undefined): void;
  /** A line that is no part of an event and no comment, e.g. of JSON; and what it says under the name `field`. */
  onStray(line: string, field: string, value: string): void;
  onTooLong(): void;
}

/**
 * Tells the data of each event. Comments (`: PING`), CR, LF, CRLF and data of several lines are the parser's to know.
 */
export function readEvents({ longest, onData, onStray, onTooLong }: EventListener): EventReader {
  const parser = createParser({
    onEvent: (event) => onData(event.data, event.event),
    onError: ({ type, line, field, value }) => {
      if (type === 'max-buffer-size-exceeded') onTooLong();
      else if (type === 'unknown-field') onStray(line ?? '', field ?? '', value ?? '');
    },
    maxBufferSize: longest,
  });
  return {
    feed: (text) => parser.feed(text),
    end: () => parser.feed('\n\n'),
  };
}
