import type { Frame } from '../wire/frame.ts';
import { faultList, type Fault, type Need } from './fault.ts';

/** Connections that break or fall silent, and gateways that hide it behind a [DONE]. */
export const cutOrStallFaults = faultList([
  before('cut-before-headers', 'The socket ends before any header.', 'cut'),
  before('reset-before-headers', 'The socket is reset before any header.', 'reset'),
  before('stall-before-headers', 'Not a byte comes until the client leaves.', 'stall'),
  broken('cut-after-headers', 'The socket ends after the headers.', () => [{ part: 'cut' }], '{'),
  broken(
    'cut-in-reasoning',
    'The socket ends inside the reasoning.',
    until('reasoning', 'cut'),
    '"reasoning_content":"',
    'reasoning',
  ),
  broken(
    'cut-in-text',
    'The socket ends inside the text.',
    until('text', 'cut'),
    '"content":"',
    'text',
  ),
  broken(
    'cut-in-arguments',
    'The socket ends inside the arguments of a call.',
    until('arguments', 'cut'),
    '"arguments":"',
    'arguments',
  ),
  streamed(
    'cut-before-finish',
    'The socket ends before the finishing chunk.',
    until('finish', 'cut'),
  ),
  streamed(
    'cut-before-done',
    'The socket ends after the finishing chunk, before [DONE].',
    until('done', 'cut'),
  ),
  broken(
    'reset-in-arguments',
    'The socket is reset inside the arguments of a call.',
    until('arguments', 'reset'),
    '"arguments":"',
    'arguments',
  ),
  streamed(
    'done-in-reasoning',
    'The upstream dies inside the reasoning, and the gateway writes [DONE].',
    until('reasoning', 'done'),
    'reasoning',
  ),
  streamed(
    'done-in-text',
    'The upstream dies inside the text, and the gateway writes [DONE].',
    until('text', 'done'),
    'text',
  ),
  streamed(
    'done-in-arguments',
    'The upstream dies inside the arguments, and the gateway writes [DONE].',
    until('arguments', 'done'),
    'arguments',
  ),
  streamed(
    'done-before-arguments',
    'The upstream dies between the name of a call and its arguments, and the gateway writes [DONE].',
    until('call', 'done'),
    'arguments',
  ),
  streamed(
    'stall-after-headers',
    'After the headers nothing comes until the client leaves.',
    () => [{ part: 'stall' }],
  ),
  streamed(
    'stall-in-reasoning',
    'Inside the reasoning nothing more comes.',
    until('reasoning', 'stall'),
    'reasoning',
  ),
  streamed('stall-in-text', 'Inside the text nothing more comes.', until('text', 'stall'), 'text'),
  streamed(
    'stall-in-arguments',
    'Inside the arguments nothing more comes.',
    until('arguments', 'stall'),
    'arguments',
  ),
]);

function before<const Name extends string>(
  name: Name,
  about: string,
  how: 'cut' | 'reset' | 'stall',
): Fault<Name> {
  return { name, kind: 'socket', source: 'broken-connection', about, fatal: true, before: how };
}

function streamed<const Name extends string>(
  name: Name,
  about: string,
  frames: (frames: readonly Frame[]) => readonly Frame[],
  need?: Need,
): Fault<Name> {
  const needs: readonly Need[] = need ? ['stream', need] : ['stream'];
  return { name, kind: 'socket', source: 'broken-connection', about, fatal: true, needs, frames };
}

/** A break that also befalls a body that is not streamed: there it comes after a marker. */
function broken<const Name extends string>(
  name: Name,
  about: string,
  ...[frames, marker, need]: readonly [
    (frames: readonly Frame[]) => readonly Frame[],
    string,
    Need?,
  ]
): Fault<Name> {
  return {
    ...streamed(name, about, frames),
    needs: need ? [need] : [],
    truncate: (text) => {
      const at = text.indexOf(marker);
      return text.slice(0, at < 0 ? Math.floor(text.length / 2) : at + marker.length + 3);
    },
  };
}

/** Keeps the frames up to the middle of a part, or up to the part if it is one frame at the end. */
function until(
  part: 'reasoning' | 'text' | 'call' | 'arguments' | 'finish' | 'done',
  end: 'cut' | 'reset' | 'stall' | 'done',
): (frames: readonly Frame[]) => readonly Frame[] {
  return (frames) => {
    const start = frames.findIndex((frame) => frame.part === part);
    if (start < 0) return [...frames, { part: end }];
    let stop = start;
    while (frames[stop]?.part === part) stop += 1;
    const whole =
      part === 'finish' || part === 'done' || (part === 'arguments' && stop - start < 2);
    const kept = whole ? start : start + Math.ceil((stop - start) / 2);
    return [...frames.slice(0, kept), { part: end }];
  };
}
