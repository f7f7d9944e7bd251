import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/client';
import type { Content, ContentPart } from '@throughline/core';

/** The largest picture that is passed on, in letters of base64 (3.75 MB of bytes). */
const largestPicture = 5_000_000;

/** The longest structured content that is kept for the host, in letters of JSON: it is stored with the call. */
const longestData = 1_000_000;

/** What a server answered: what the model reads of it, and, as JSON, its structured content for the host. */
export class CallResult {
  readonly content: Content;
  readonly #structured: unknown;

  constructor({ content, structuredContent }: CallToolResult) {
    const parts = content.map(toPart);
    const json = structuredContent === undefined ? '' : JSON.stringify(structuredContent);
    this.content = parts.length > 0 ? joined(parts) : json;
    this.#structured = json.length > longestData ? undefined : structuredContent;
  }

  toJSON(): unknown {
    return this.#structured;
  }
}

/** The words of an answer, without its pictures. */
export function textOf({ content }: CallResult): string {
  if (typeof content === 'string') return content;
  return content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n');
}

function joined(parts: readonly ContentPart[]): Content {
  if (parts.some(({ type }) => type !== 'text')) return parts;
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

function toPart(block: ContentBlock): ContentPart {
  switch (block.type) {
    case 'text':
      return text(block.text);
    case 'image':
      return picture(block.data, block.mimeType);
    case 'audio':
      return text(`[A sound (${word(block.mimeType)}) was left out: it cannot be shown.]`);
    case 'resource_link': {
      const { name, uri, description } = block;
      const about = description === undefined ? '' : `: ${description}`;
      return text(`[A link to "${name}", ${uri}${about}. It was not opened.]`);
    }
    case 'resource': {
      const { resource } = block;
      if ('text' in resource) return text(`[The content of ${resource.uri}]\n${resource.text}`);
      return picture(resource.blob, resource.mimeType ?? 'unknown', resource.uri);
    }
  }
}

function text(words: string): ContentPart {
  return { type: 'text', text: words };
}

/** A picture by what its bytes say; what the server calls it counts for nothing. */
function picture(data: string, called: string, uri?: string): ContentPart {
  const what = uri === undefined ? `A picture (${word(called)})` : `The content of ${uri}`;
  const leftOut = (why: string) => text(`[${what} was left out: ${why}.]`);
  if (data.length > largestPicture) return leftOut(`it has ${data.length} letters of base64`);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return leftOut('it is not base64');
  const type = pictureType(Buffer.from(data.slice(0, 32), 'base64').toString('latin1'));
  if (type === undefined) return leftOut('it is no PNG, JPEG, GIF or WebP');
  return { type: 'image_url', image_url: { url: `data:${type};base64,${data}` } };
}

function pictureType(head: string): string | undefined {
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(head)) return 'image/gif';
  return /^RIFF....WEBP/s.test(head) ? 'image/webp' : undefined;
}

function word(type: string): string {
  return JSON.stringify(type.slice(0, 60)).slice(1, -1);
}
