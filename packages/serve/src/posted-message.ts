import type { ContentPart, UserMessage } from '@throughline/core';
import { badRequest } from './request-body.ts';

/** The message of a person, made of the parts that a client posts. Throws 400 where it says nothing. */
export function postedMessage(parts: readonly ContentPart[]): UserMessage {
  const said = parts.filter((part) => part.type !== 'text' || part.text.trim() !== '');
  if (said.length === 0) throw badRequest('The message has no text and no image.');
  const texts = said.flatMap((part) => (part.type === 'text' ? part.text : []));
  return { role: 'user', content: texts.length === said.length ? texts.join('\n') : said };
}

const picture = /^data:image\/(?:png|jpe?g|gif|webp|bmp|heic);base64,[A-Za-z0-9+/]+={0,2}$/;

/**
 * An image as the model takes it. Throws 400 for all else that a client may send: what stands at an address is not fetched, and what the
 * endpoint refuses would be in every later request of the session.
 */
export function postedImage(url: unknown): ContentPart {
  if (typeof url === 'string' && picture.test(url) && beginsAsPicture(url)) {
    return { type: 'image_url', image_url: { url } };
  }
  throw badRequest(
    'A file must be a PNG, JPEG, GIF, WebP, BMP or HEIC image, sent as base64 data.',
  );
}

/** What a client calls a picture may be anything. Its first bytes say more: of PNG, JPEG, GIF, BMP, WebP and HEIC, as they are tried here. */
const beginning = /^(?:\x89PNG|\xff\xd8\xff|GIF8|BM|RIFF[^]{4}WEBP|[^]{4}ftyp)/;

function beginsAsPicture(url: string): boolean {
  const base64 = url.slice(url.indexOf(',') + 1);
  return base64.length % 4 === 0 && beginning.test(atob(base64.slice(0, 32)));
}
