import { isObject, type JsonObject } from '../wire/json.ts';

const roles = ['system', 'user', 'assistant', 'tool'];
const images = ['png', 'jpeg', 'jpg', 'webp', 'gif', 'bmp', 'heic'];
const videos = [
  'mp4',
  'mpeg',
  'mov',
  'quicktime',
  'avi',
  'x-msvideo',
  'x-flv',
  'mpg',
  'webm',
  'wmv',
  'x-ms-wmv',
  '3gpp',
];

/** Checks role and content of one message by itself; the reason of the first breach. */
export function checkContent(
  message: JsonObject,
  index: number,
  last: boolean,
): string | undefined {
  const { role, content, partial } = message;
  if (typeof role !== 'string' || !roles.includes(role)) {
    return `Invalid request: the message at position ${index} has an unknown role '${String(role)}'`;
  }
  if (partial === true && !(role === 'assistant' && last)) {
    return 'Invalid request: partial is only allowed on the last assistant message';
  }
  if (role !== 'tool' && isEmpty(content) && !speaksOtherwise(message)) {
    return `Invalid request: the message at position ${index} with role '${role}' must not be empty`;
  }
  const calls = message['tool_calls'];
  if (calls !== undefined && calls !== null && (role !== 'assistant' || !Array.isArray(calls))) {
    return `Invalid request: the message at position ${index} must not have such tool_calls`;
  }
  if (Array.isArray(content)) return checkParts(content, index);
  if (typeof content === 'string') return undefined;
  if (role === 'assistant' && (content === undefined || content === null)) return undefined;
  return `Invalid request: the content at position ${index} must be a string or an array`;
}

function isEmpty(content: unknown): boolean {
  if (content === undefined || content === null || content === '') return true;
  return Array.isArray(content) && content.length === 0;
}

function speaksOtherwise(message: JsonObject): boolean {
  if (message['role'] !== 'assistant') return false;
  const { tool_calls: calls, reasoning_content: reasoning, partial } = message;
  if (Array.isArray(calls) && calls.length > 0) return true;
  return partial === true || (typeof reasoning === 'string' && reasoning !== '');
}

function checkParts(parts: readonly unknown[], index: number): string | undefined {
  for (const part of parts) {
    const reason = checkPart(part, index);
    if (reason) return reason;
  }
  return undefined;
}

function checkPart(part: unknown, index: number): string | undefined {
  if (!isObject(part)) return `Invalid request: a content part at position ${index} is no object`;
  switch (part['type']) {
    case 'text':
      return typeof part['text'] === 'string' && part['text'] !== ''
        ? undefined
        : 'text content is empty';
    case 'image_url':
      return checkMedia(part['image_url'], 'image', images);
    case 'video_url':
      return checkMedia(part['video_url'], 'video', videos);
    default:
      return `Invalid request: a content part at position ${index} has an unknown type '${String(part['type'])}'`;
  }
}

function checkMedia(media: unknown, kind: string, formats: readonly string[]): string | undefined {
  const url = isObject(media) ? media['url'] : media;
  if (typeof url !== 'string') return `Invalid request: ${kind}_url must have a url`;
  if (url.startsWith('ms://')) return undefined;
  const data = /^data:(\w+)\/([\w.+-]+);base64,[A-Za-z0-9+/]+={0,2}$/.exec(url);
  if (!data) return `unsupported ${kind} url: ${url.slice(0, 80)}`;
  if (data[1] === kind && formats.includes(data[2] ?? '')) return undefined;
  return `unsupported ${kind} url: ${data[1]}/${data[2]} is no supported format`;
}
