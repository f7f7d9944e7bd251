import { parseObject } from './wire.ts';
import type { JsonObject } from './wire.ts';

/**
 * The frames in an event's data that is no JSON by itself: gateways glue frames together, with or without
 * `data:` and line breaks between them. Undefined when a piece is still no frame.
 */
export function splitFrames(data: string): readonly JsonObject[] | undefined {
  const pieces = data.split(/\r?\n|(?<=\})\s*(?:data:\s*)?(?=\{|\[DONE\])/);
  const frames: JsonObject[] = [];
  for (const piece of pieces) {
    const text = piece.replace(/^data:/, '').trim();
    if (text === '' || text === '[DONE]') continue;
    const frame = parseObject(text);
    if (frame === undefined) return undefined;
    frames.push(frame);
  }
  return frames.length === 0 ? undefined : frames;
}

/** Whether a parsed body or frame is an error and no answer. */
export function isRefusal(json: JsonObject): boolean {
  if (json['error']) return true;
  if (json['choices'] !== undefined || json['usage'] !== undefined) return false;
  return json['type'] === 'error' || (json['code'] !== undefined && 'message' in json);
}
