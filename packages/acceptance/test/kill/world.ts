import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** That a tool began, or had its effect on the world. */
export interface Deed {
  readonly what: 'begun' | 'acted';
  /** The call's idempotency key. */
  readonly key: string;
  readonly name: string;
  readonly effect: string;
}

/** Counts what tools do, in this process, which no kill touches. */
export interface World {
  readonly url: string;
  readonly deeds: readonly Deed[];
  close(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const deeds: Deed[] = [];
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://world').searchParams.get('acted');
    if (asked !== null) {
      response.end(`${deeds.some(({ what, key }) => what === 'acted' && key === asked)}`);
      return;
    }
    let text = '';
    request.on('data', (data: Buffer) => (text += data.toString()));
    request.on('end', () => {
      deeds.push(JSON.parse(text) as Deed);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    deeds,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
