import { dirname, basename } from 'node:path';
import { ToolError } from '@throughline/core';
import type { CallScope } from '@throughline/core';
import { oneAtATime } from './one-at-a-time.ts';
import { openFile } from './root.ts';
import type { Place } from './place.ts';
import { putFile } from './put-file.ts';
import { hashOf, runOf } from './seen-files.ts';
import type { SeenFiles } from './seen-files.ts';
import { named, shown } from './trouble.ts';
import { encoded, mostBytes, wholeText } from './whole-text.ts';
import type { WholeText } from './whole-text.ts';

/** The new text of a file, and how the model is told of the change. */
export interface NewText {
  readonly text: string;
  tell(before: string, after: string): Promise<string>;
}

/**
 * Replaces the text of a file that is there. The run must have read it, and it must be as it was then. Its encoding, byte order mark, mode
 * and owner stay. Two calls of this process that change one file do so one after the other, each from what is there.
 */
export function replaceText(
  { place, seen }: { readonly place: Place; readonly seen: SeenFiles },
  scope: CallScope,
  change: (now: WholeText) => NewText,
): Promise<string> {
  const { signal } = scope;
  const run = runOf(scope);
  return oneAtATime(place.real, async () => {
    const handle = await openFile(place);
    const [now, stats] = await Promise.all([wholeText(handle, place), handle.stat()]).finally(() =>
      handle.close(),
    );
    const known = seen.hash(run, place.real);
    const hash = hashOf(now.bytes);
    if (known === undefined) throw unread(place);
    if (known !== hash) throw changedSince(place);
    const { text, tell } = change(now);
    const bytes = encoded(text, now.encoding, 'The new text');
    if (bytes.length > mostBytes) throw tooLong(place);
    signal.throwIfAborted();
    const folder = { path: dirname(place.path), real: dirname(place.real) };
    const target = { folder, name: basename(place.real), path: place.path };
    if (bytes.length !== now.bytes.length || hashOf(bytes) !== hash) {
      await putFile(target, bytes, { hash, stats }, signal);
    }
    seen.note(run, place.real, bytes);
    return `${named(place.path)}: ${await tell(now.text, text)}`;
  });
}

function unread(place: Place): ToolError {
  return new ToolError(
    `Nothing was changed: ${shown(place.path)} was not read in this run. Read it with read_file, then try again.`,
  );
}

function changedSince(place: Place): ToolError {
  return new ToolError(
    `Nothing was changed: ${shown(place.path)} is no longer as it was when it was read. Read it again, then make the change anew.`,
  );
}

function tooLong(place: Place): ToolError {
  return new ToolError(
    `Nothing was changed: ${shown(place.path)} would have more than ${mostBytes.toLocaleString('en-US')} bytes.`,
  );
}
