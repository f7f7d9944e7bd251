import type { Content, ContentPart } from '../base/message.ts';

/**
 * A result as the endpoint takes it. What it would refuse would stand in the history and be refused with every later request: an
 * empty text, half a surrogate pair, a picture that is no `data:` URL of a known format. Such a picture becomes a text that says so.
 */
export function sendableContent(content: Content): Content {
  if (typeof content === 'string') return content === '' ? emptyText : content.toWellFormed();
  const parts = content.flatMap(sendablePart);
  return parts.length === 0 ? emptyText : parts;
}

const emptyText = 'Done. The tool returned an empty text.';

function sendablePart(part: ContentPart): readonly ContentPart[] {
  if (part.type === 'text') {
    return part.text === '' ? [] : [{ type: 'text', text: part.text.toWellFormed() }];
  }
  const [kind, url] =
    part.type === 'image_url'
      ? (['image', part.image_url.url] as const)
      : (['video', part.video_url.url] as const);
  if (isSendable(kind, url)) return [part];
  const isFormat = url.startsWith('data:') && `of the format ${url.slice(5).split(/[;,]/, 1)[0]}`;
  const where = isFormat || `at ${url.slice(0, 500).toWellFormed()}`;
  const text = `[The tool returned a ${kind} ${where}. It is not shown: the model takes only data: URLs with base64, of the usual formats.]`;
  return [{ type: 'text', text }];
}

/** Moonshot's documentation of vision models: data: URLs with base64, or `ms://` and the id of an uploaded file. */
function isSendable(kind: 'image' | 'video', url: string): boolean {
  if (url.startsWith('ms://')) return true;
  const head = url.slice(0, 64);
  const match = /^data:(\w+)\/([\w.+-]+);base64,[A-Za-z0-9+/]/.exec(head);
  return match?.[1] === kind && formats[kind].includes(match[2]?.toLowerCase() ?? '');
}

const formats = {
  image: ['png', 'jpeg', 'jpg', 'webp', 'gif', 'bmp', 'heic'],
  video: [
    'mp4',
    'mpeg',
    'mpg',
    'quicktime',
    'mov',
    'x-msvideo',
    'avi',
    'x-flv',
    'webm',
    'x-ms-wmv',
    'wmv',
    '3gpp',
  ],
};
