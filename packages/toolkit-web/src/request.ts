import * as http from 'node:http';
import * as https from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import { createZstdDecompress } from './unpack.ts';
import type { Address } from './addresses.ts';
import { checkAddress } from './target.ts';
import type { Target } from './target.ts';
import { Trouble } from './trouble.ts';

/** What a request is made with. Nothing in it comes from the model but the URL. */
export interface RequestOptions {
  readonly addresses: readonly Address[];
  readonly userAgent: string;
  readonly signal: AbortSignal;
  /** How long the response's headers may take, in milliseconds; and how long the server may be silent. */
  readonly headersMs: number;
  /** Certificate authorities to trust instead of Node's own. */
  readonly ca: string | undefined;
}

const mostHeaderBytes = 16_384;

/**
 * Sends one GET over a connection of its own, which is closed with the response. The connection goes to one of
 * `addresses` and nowhere else: no lookup is made here, and no agent of the process is used, so neither a kept
 * connection nor a proxy of the environment can lead it elsewhere. Redirects are not followed.
 */
export function request(target: Target, options: RequestOptions): Promise<http.IncomingMessage> {
  const { url, host } = target;
  const { addresses, headersMs, signal, ca } = options;
  const isSecure = url.protocol === 'https:';
  const agentOptions = { keepAlive: false };
  const settings: https.RequestOptions = {
    method: 'GET',
    host,
    port: target.port,
    path: `${url.pathname}${url.search}`,
    agent: isSecure ? new https.Agent(agentOptions) : new http.Agent(agentOptions),
    lookup: answerWith(addresses),
    headers: {
      Host: url.host,
      'User-Agent': options.userAgent,
      Accept: 'text/markdown, text/html;q=0.9, application/json;q=0.9, text/*;q=0.8, */*;q=0.5',
      'Accept-Encoding': createZstdDecompress === undefined ? 'gzip, br' : 'gzip, br, zstd',
    },
    maxHeaderSize: mostHeaderBytes,
    insecureHTTPParser: false,
    signal,
    // Given here, so that NODE_TLS_REJECT_UNAUTHORIZED does not switch it off.
    rejectUnauthorized: true,
    servername: isIP(host) === 0 ? host : '',
    ...(ca === undefined ? {} : { ca }),
  };
  return new Promise((resolve, reject) => {
    const sent = (isSecure ? https : http).request(settings);
    const clock = setTimeout(() => sent.destroy(new Trouble('slow headers')), headersMs);
    sent.on('socket', (socket) => checkConnection(socket, target));
    // It stays for the life of the response: bytes behind its end are an error of the parser, and of nobody else.
    sent.on('error', (error) => {
      clearTimeout(clock);
      reject(signal.aborted ? signal.reason : error);
    });
    // Not every end is an error: an answer that changes the protocol only closes.
    sent.on('close', () => {
      clearTimeout(clock);
      reject(signal.aborted ? signal.reason : new Trouble('no answer'));
    });
    sent.on('response', (response) => {
      clearTimeout(clock);
      response.setTimeout(headersMs, () => response.destroy(new Trouble('silent')));
      resolve(response);
    });
    sent.end();
  });
}

/** Answers with the addresses that have been judged, whatever the name leads to by now. */
function answerWith(addresses: readonly Address[]): LookupFunction {
  return (_host, options, done) => {
    const first = addresses[0];
    if (options.all === true) done(null, [...addresses]);
    else done(null, first?.address ?? '', first?.family);
  };
}

/** The last look, at the connection itself, before a byte is sent over it. */
function checkConnection(socket: Socket, target: Target): void {
  socket.once('connect', () => {
    try {
      checkAddress(target, socket.remoteAddress ?? '');
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
}
