import { parseObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';

/**
 * The frames in data that is no JSON by itself: gateways glue frames together, with or without `data:` and line breaks
 * between them. Undefined when a piece is still no frame.
 */
export function splitFrames(data: string): readonly JsonObject[] | undefined {
  const frames: JsonObject[] = [];
  let at = 0;
  while (at < data.length) {
    between.lastIndex = at;
    at += between.exec(data)?.[0].length ?? 0;
    if (at === data.length) break;
    const end = objectEnd(data, at);
    const frame = end === undefined ? undefined : parseObject(data.slice(at, end));
    if (frame === undefined || end === undefined) return undefined;
    frames.push(frame);
    at = end;
  }
  return frames.length === 0 ? undefined : frames;
}

/** What may stand round frames. */
const between = /(?:\s+|data:|\[DONE\])*/y;

/** Where the object that begins here ends. What stands inside its strings is not looked at. */
function objectEnd(data: string, from: number): number | undefined {
  const mark = /["{}]/g;
  mark.lastIndex = from;
  let depth = 0;
  for (let found = mark.exec(data); found !== null; found = mark.exec(data)) {
    if (found[0] === '"') {
      const end = stringEnd(data, mark.lastIndex);
      if (end === undefined) return undefined;
      mark.lastIndex = end;
    } else depth += found[0] === '{' ? 1 : -1;
    if (depth === 0) return data[from] === '{' ? mark.lastIndex : undefined;
  }
  return undefined;
}

function stringEnd(data: string, from: number): number | undefined {
  for (let at = from; at < data.length; at++) {
    if (data[at] === '\\') at++;
    else if (data[at] === '"') return at + 1;
  }
  return undefined;
}
