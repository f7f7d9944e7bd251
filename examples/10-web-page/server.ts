import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Agent, SessionStore } from '@throughline/core';
import { events, nodeHandler, servedRuns } from '@throughline/serve';

export interface PageOptions {
  readonly agent: Agent;
  readonly sessions: SessionStore;
  /** The path of the page. */
  readonly page: string;
}

/** Serves the page on this machine, and under `/runs` the agent's runs, each in the session that the page names. */
export async function servePage({ agent, sessions, page }: PageOptions) {
  // #region runs
  const runs = servedRuns({
    agent,
    sessions,
    // Only pages of this server get here, and one person sits at this machine. A host with users looks at their log-in.
    authorize: (_request, id) => ({ session: id }),
    unfinished: 'leave', // a new question refuses the calls that still wait
  });
  const handler = nodeHandler(events(runs));
  const server = createServer((incoming, outgoing) => {
    const what = `${incoming.method} ${incoming.url?.split('?')[0]}`;
    if (isForeign(incoming)) outgoing.writeHead(403).end('Only the page of this server may ask.');
    else if (what === 'GET /') {
      readFile(page).then(
        (html) => outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html),
        (error: unknown) => outgoing.writeHead(500).end(String(error)),
      );
    } else if (what.endsWith(' /runs')) handler(incoming, outgoing);
    else outgoing.writeHead(404).end(`There is no ${what}.`);
  });
  // #endregion
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close(): Promise<void> {
      await runs.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A page of another site may not ask, whatever name it has for this machine. */
function isForeign({ headers: { host, origin }, socket }: IncomingMessage): boolean {
  return (
    host !== `127.0.0.1:${socket.localPort}` || ![undefined, `http://${host}`].includes(origin)
  );
}
