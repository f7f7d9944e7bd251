import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Whom the inspector answers: this machine alone, a page of its own alone, and for what is stored the bearer of the token. */
export class Guard {
  readonly token: string = randomBytes(24).toString('base64url');

  /** Why a request is not answered. A page of another site reaches the port, but under a name and an origin that are not ours. */
  refusal({ socket, headers }: IncomingMessage): string | undefined {
    if (!isLoopback(socket.remoteAddress)) return 'The inspector answers this machine alone.';
    const { host = '', origin } = headers;
    if (!isOurName(host))
      return `The inspector is not called "${host.slice(0, 100)}": use 127.0.0.1 or localhost.`;
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
      return `A page of ${origin.slice(0, 100)} may not ask the inspector.`;
    }
    return undefined;
  }

  /** Other users of the machine reach the port too, and must not read what the files keep from them. */
  hasToken({ headers }: IncomingMessage): boolean {
    const given = headers['x-throughline-token'];
    return typeof given === 'string' && timingSafeEqual(hash(given), hash(this.token));
  }
}

function isLoopback(address = ''): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  return plain === '::1' || /^127\.\d+\.\d+\.\d+$/.test(plain);
}

function isOurName(host: string): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(host);
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
