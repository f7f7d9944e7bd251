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
  if (typeof url === 'string' && picture.test(url)) {
    return { type: 'image_url', image_url: { url } };
  }
  throw badRequest(
    'A file must be a PNG, JPEG, GIF, WebP, BMP or HEIC image, sent as base64 data.',
  );
}
