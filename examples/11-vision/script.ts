import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { readPng } from './png.ts';
import type { Picture } from './png.ts';

export const theQuestion = 'How many bars does this chart have, and which one is the tallest?';

/** A scripted eye: it decodes the picture in the request and measures coloured bars. It reads no letters, and knows nothing else. */
export function scriptedEye({ messages }: ChatRequest): ScriptedAnswer {
  const content = messages.at(-1)?.content;
  const parts = Array.isArray(content) ? content : [];
  const { url } = (parts.find(({ type }) => type === 'image_url')?.['image_url'] ?? {}) as {
    url?: string;
  };
  const asked = parts.find(({ type }) => type === 'text')?.text;
  if (url === undefined || asked !== theQuestion) {
    return { text: `I am a script, and know one question about one picture: “${theQuestion}”` };
  }
  const picture = readPng(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'));
  const bars = barsIn(picture);
  if (bars.length === 0) return { text: 'I see no coloured bar in this picture.' };
  const tallest = bars.indexOf(Math.max(...bars)) + 1;
  const ratio = (Math.max(...bars) / Math.min(...bars)).toFixed(1);
  return {
    reasoning: `${picture.width} × ${picture.height} pixels. I measure what is coloured, column by column.`,
    text: `I see ${bars.length} bars. Counted from the left, number ${tallest} is the tallest; it is ${ratio} times as tall as the lowest.`,
  };
}

/** The height in pixels of each run of columns that holds colour. */
function barsIn(picture: Picture): readonly number[] {
  const bars: number[] = [];
  let inside = false;
  for (let x = 0; x < picture.width; x++) {
    let coloured = 0;
    for (let y = 0; y < picture.height; y++) {
      const channels = picture.at(x, y);
      if (Math.max(...channels) - Math.min(...channels) > 60) coloured++;
    }
    if (coloured > 0 && !inside) bars.push(0);
    inside = coloured > 0;
    if (inside) bars.push(Math.max(bars.pop() ?? 0, coloured));
  }
  return bars;
}
