import { createParser } from 'eventsource-parser';

/** Splits a server-sent stream into events, whatever the pieces of text it comes in. */
export interface EventReader {
  feed(text: string): void;
  /** The stream is over: an event whose closing blank line is missing is told too. */
  end(): void;
}

/**
 * Calls `onData` with the data of each event. Comments (`: PING`), other fields, CR, LF, CRLF and data of
 * several lines are the parser's to know.
 */
export function readEvents(onData: (data: string) => void): EventReader {
  const parser = createParser({ onEvent: (event) => onData(event.data) });
  return {
    feed: (text) => parser.feed(text),
    end: () => parser.feed('\n\n'),
  };
}
