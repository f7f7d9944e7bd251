import { setMaxListeners } from 'node:events';
import { createServer, type Server } from 'node:http';
import { isIPv6 } from 'node:net';
import { Endpoint } from './endpoint.ts';
import { Ledger } from './memory/ledger.ts';
import { settle, type SimulatorOptions, checkOptions } from './options.ts';
import { RequestLog, type Lint, type RecordedRequest } from './wire/recorded-request.ts';

/** A running simulator. */
export interface Simulator {
  /** The base URL, e.g. `http://127.0.0.1:40123/v1`; requests go to `{url}/chat/completions`. */
  readonly url: string;
  /** The key it accepts. */
  readonly key: string;
  /**
   * The requests so far, at most the latest 100,000, in the order of arrival. A record grows while its request is
   * served.
   */
  readonly requests: readonly RecordedRequest[];
  /** The lints so far, at most the latest 100,000. */
  readonly lints: readonly Lint[];
  /** Ends every socket; no handle is left. Rejects if the log could not be written. */
  close(): Promise<void>;
}

/**
 * Starts the endpoint, on 127.0.0.1 if no other host is given. Rejects with a TypeError if an option is wrong, and with
 * an error of Node's code if it cannot listen there or the log cannot be written.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  checkOptions(options);
  const settings = settle(options);
  const log = options.log === undefined ? undefined : new RequestLog(options.log);
  const ledger = new Ledger(log, options);
  const endpoint = new Endpoint(settings, ledger);
  await log?.open();
  const closing = new AbortController();
  // Every request under way listens for the end, and there may be any number.
  setMaxListeners(0, closing.signal);
  const running = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const served = endpoint.serve(request, response, closing.signal);
    running.add(served);
    void served.finally(() => running.delete(served));
  });
  // A stalled answer and a slow reader are things to be simulated, not to be timed out.
  server.requestTimeout = 0;
  const port = await listen(server, settings.host, settings.port);
  return {
    url: `http://${reachable(settings.host)}:${port}/v1`,
    key: settings.key,
    requests: ledger.requests,
    lints: ledger.lints,
    async close() {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all(running);
      await closed;
      await log?.flush();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(explained(error, host, port));
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** The failures that a user can mend say what to do; any other stays Node's own. */
function explained(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const told =
    error.code === 'EADDRINUSE'
      ? `Port ${port} of ${host} is taken. Give another port, or none for any free one.`
      : error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND'
        ? `This machine has no address "${host}". Give one of its own as host, or none for 127.0.0.1.`
        : undefined;
  if (told === undefined) return error;
  return Object.assign(new Error(told, { cause: error }), { code: error.code });
}

/** The host as it stands in a URL; a client on this machine reaches a wildcard address over loopback. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIPv6(host) ? `[${host}]` : host;
}
